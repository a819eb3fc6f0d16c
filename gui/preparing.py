"""From an order list to prepared orders: import a file, look at what would change, prepare it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QMainWindow

from core.errors import ConfigurationError, DeltaDeskError
from core.prepare.import_summary import ImportSummary
from core.prepare.summary import PrepareSummary
from core.redaction import redact
from core.workspace import Workspace
from gui import import_panel
from gui.import_panel import ImportPanel, ImportProgress
from gui.prepare_panel import PrepareAnswer, PreparePanel
from gui.widgets.dialogs import problem_dialog


async def prepare_orders(
    window: QMainWindow, workspace: Workspace, prepared: Callable[[], Awaitable[None]]
) -> None:
    """Show what a preparation would do, import order lists first where wanted, and do it where wanted.

    `prepared` is awaited as soon as orders have been prepared. Raises ConfigurationError and StoreError.
    """
    found = await _look(window, workspace)
    while (answer := await PreparePanel(window, found).ask()) is PrepareAnswer.IMPORT:
        path = await import_panel.choose_order_list(window)
        if path is None:
            continue
        summary = await _import(window, workspace, path)
        if summary is None or not await ImportPanel(window, summary).ask():
            return
        found = await _look(window, workspace)
    if answer is PrepareAnswer.PREPARE:
        done = await workspace.prepare()
        await prepared()
        await PreparePanel(window, done).ask()


async def _look(window: QMainWindow, workspace: Workspace) -> PrepareSummary | None:
    """What a preparation would do; None when the staging table is empty."""
    window.statusBar().showMessage("Looking for new and changed orders …")
    try:
        return await workspace.prepare(dry_run=True)
    except ConfigurationError as error:
        if error.problem.code != "staging_empty":
            raise
        return None
    finally:
        window.statusBar().clearMessage()


async def _import(window: QMainWindow, workspace: Workspace, path: Path) -> ImportSummary | None:
    """Import with progress; None when it was stopped, or failed and the failure has been shown."""
    dialog = ImportProgress(window, path)

    def show(rows: int) -> None:
        # What a worker thread has told may arrive after its end, when the dialog is gone.
        if not work.done():
            dialog.show_rows(rows)

    work = asyncio.ensure_future(workspace.import_orders(path, progress=show))
    dialog.rejected.connect(work.cancel)
    dialog.open()
    try:
        # Not the work itself: that it was stopped does not cancel this task.
        await asyncio.wait([work])
    except asyncio.CancelledError:
        work.cancel()
        await asyncio.wait([work])
        raise
    finally:
        dialog.hide()
        dialog.deleteLater()
    if work.cancelled():
        return None
    error = work.exception()
    if isinstance(error, DeltaDeskError):
        _tell(window, error)
        return None
    return work.result()


def _tell(window: QMainWindow, error: DeltaDeskError) -> None:
    problem, *others = error.problems
    details = "\n".join(redact(str(each)) for each in others)
    problem_dialog(
        window, redact(problem.title), redact(problem.subject), redact(problem.remedy), details or None
    )
