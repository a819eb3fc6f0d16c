"""Saving a mapping: the look at file and orders, the question, the write, and what stands against it."""

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from core.config.model import MappingSet
from core.errors import ConfigurationError, DeltaDeskError, Problem
from core.workspace import Workspace
from gui.models.mapping_words import Change, listed, profile_words
from gui.pages.mapping_file import MappingFile
from gui.pages.mapping_save import SaveQuestion
from gui.task_owner import TaskOwner

_IMPACT = "look at the impact of the mapping"
CHANGED_ON_DISK = "configuration_changed_on_disk"


class MappingSaving(QObject):
    """Asks and writes. Nothing is written before the operator has seen what would change."""

    refused = Signal(object)
    """The `Problem` that stands against the save; the file is untouched."""

    def __init__(self, page: QWidget, tasks: TaskOwner) -> None:
        super().__init__(page)
        self._page = page
        self._tasks = tasks
        self.file = MappingFile(tasks, self)
        self.file.changed_on_disk.connect(self._changed)

    async def save(
        self,
        workspace: Workspace,
        mapping: MappingSet,
        changes: Sequence[Change],
        *,
        errors: int = 0,
        note: str = "",
    ) -> bool:
        """Write the mapping when the operator agrees. False: nothing was written."""
        try:
            preview = await self.file.preview(workspace, mapping)
            question = SaveQuestion(self._page, changes, preview.diff, save_facts(workspace), errors=errors)
            if not await self._answer(question, workspace, mapping):
                return False
            await workspace.save_mapping(mapping, note)
        except ConfigurationError as error:
            self.refused.emit(error.problem)
            return False
        await self.file.read()
        return True

    async def _answer(self, question: SaveQuestion, workspace: Workspace, mapping: MappingSet) -> bool:
        """Show the question, fill in the impact as it gets known, and return the answer."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def settle(result: int) -> None:
            if not answer.done():
                answer.set_result(result == QDialog.DialogCode.Accepted)

        question.finished.connect(settle)
        question.open()
        self._tasks.replace(
            _IMPACT,
            workspace.mapping_impact(mapping, question.show_progress),
            done=question.show_impact,
            problem=lambda error: question.show_unknown(_problem_of(error)),
        )
        try:
            return await answer
        finally:
            await self._tasks.stop(_IMPACT)
            question.hide()
            question.deleteLater()

    def _changed(self) -> None:
        self.refused.emit(
            Problem(
                CHANGED_ON_DISK,
                "The configuration was changed on disk since it was opened",
                "What you changed here is kept and is not written over it",
                "Reload: the file is read again, and your changes are made again on top of it.",
            )
        )


def save_facts(workspace: Workspace) -> list[str]:
    """Return the sentences about where a mapping is written and whom it concerns."""
    profile = workspace.profile
    words = dict(
        zip(
            workspace.configuration.profiles,
            profile_words(workspace.configuration.profiles.values()),
            strict=True,
        )
    )
    users = [
        words[name]
        for name, each in workspace.configuration.profiles.items()
        if each.mapping == profile.mapping
    ]
    path = workspace.configuration.path
    return [
        f"The mapping {profile.mapping} in {path}; the file as it is now stays beside it.",
        f"Used by {listed(users)}.",
    ]


def _problem_of(error: BaseException) -> Problem:
    if isinstance(error, DeltaDeskError):
        return error.problem
    return Problem("impact_unknown", str(error), "mapping", "Try again.")
