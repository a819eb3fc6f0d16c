"""The question before a mapping is written: what changes, in which file, and for whom."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from core.workspace import Workspace
from gui.icons import set_icon
from gui.models.mapping_words import Change
from gui.widgets.dialogs import ConfirmPanel
from gui.widgets.labels import set_style_property
from gui.widgets.tables import number_text

_TOLD = 10
"""Changes told one by one; the rest is counted."""


def counted(count: int, word: str) -> str:
    """Return "1 change" or "3 changes"."""
    return f"{number_text(count)} {word}" + ("" if count == 1 else "s")


class SaveQuestion(ConfirmPanel):
    """Asks once whether to write the changes; going on editing is the safe answer."""

    def __init__(
        self, parent: QWidget, changes: Sequence[Change], workspace: Workspace, *, errors: int = 0
    ) -> None:
        """`errors` counts what was wrong before and stays wrong."""
        what = counted(len(changes), "change")
        facts = [(change.what, change.how) for change in changes[:_TOLD]]
        if len(changes) > _TOLD:
            facts.append(("And", f"{counted(len(changes) - _TOLD, 'change')} more"))
        profile = workspace.profile
        users = [
            each.badge
            for each in workspace.configuration.profiles.values()
            if each.mapping == profile.mapping
        ]
        facts += [
            ("In the file", workspace.configuration.path),
            ("Used by", ", ".join(users)),
        ]
        warning = f"{counted(errors, 'error')} of before will still be there." if errors else ""
        super().__init__(
            parent.window(),
            f"Save {what} to the mapping {profile.mapping}?",
            facts,
            f"Save {what}",
            "Keep editing",
            warning=warning,
        )
        # Nothing goes to a board here, and the file as it was is kept beside the new one.
        set_style_property(self.confirm_button, "kind", "primary")
        set_icon(self.confirm_button, "save", "on_accent")
