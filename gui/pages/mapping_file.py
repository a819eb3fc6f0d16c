"""The configuration file under the form: what it said when it was read, and whether somebody changed it."""

import asyncio
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

from core.config.edit import SavePreview, preview_save
from core.config.load import read_text
from core.config.model import MappingSet
from core.errors import ConfigurationError
from core.workspace import Workspace
from gui.task_owner import TaskOwner

_LOOK = "look at the configuration file"


class MappingFile(QObject):
    """Watches the file of the open profile. It never writes."""

    changed_on_disk = Signal()
    """The file says something else than when it was read."""

    def __init__(self, tasks: TaskOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._workspace: Workspace | None = None
        self._text: str | None = None
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._look)

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Watch the file of another profile, or none."""
        self._workspace, self._text = workspace, None
        if watched := self._watcher.files():
            self._watcher.removePaths(watched)

    async def read(self) -> None:
        """Take what the file says now as what is known. Raises ConfigurationError."""
        workspace = self._workspace
        if workspace is None:
            return
        path = Path(workspace.configuration.path)
        text = await asyncio.to_thread(read_text, path)
        if workspace is self._workspace:
            self._text = text
            self._watcher.addPath(str(path))

    async def read_again(self) -> bool:
        """Read the file the first time; later say whether it is still the same. Raises ConfigurationError."""
        if self._text is None or self._workspace is None:
            await self.read()
            return True
        path = Path(self._workspace.configuration.path)
        return await asyncio.to_thread(read_text, path) == self._text

    async def preview(self, workspace: Workspace, mapping: MappingSet) -> SavePreview:
        """What a save would do to the file. Raises ConfigurationError, also when the file was changed."""
        if self._text is None:
            await self.read()
        text = self._text or ""
        path = Path(workspace.configuration.path)
        return await asyncio.to_thread(
            lambda: preview_save(workspace.profile, mapping, path=path, loaded_text=text)
        )

    def _look(self, _path: str) -> None:
        self._tasks.replace(_LOOK, self._compare(), problem=lambda _error: self.changed_on_disk.emit())

    async def _compare(self) -> None:
        workspace, known = self._workspace, self._text
        if workspace is None or known is None:
            return
        path = Path(workspace.configuration.path)
        # An editor that saves by replacing takes the file away for a moment.
        await asyncio.sleep(_REPLACED_SECONDS)
        try:
            text = await asyncio.to_thread(read_text, path)
        except ConfigurationError:
            text = None
        if workspace is self._workspace and self._text == known:
            self._watcher.addPath(str(path))
            if text != known:
                self.changed_on_disk.emit()


_REPLACED_SECONDS = 0.2
