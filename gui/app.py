"""`deltadesk-desktop`: the application, its event loop and the composition of its parts."""

import argparse
import asyncio
import faulthandler
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import qasync
import structlog
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from core import __version__
from core.config.load import data_folder, find_configuration
from core.errors import ConfigurationError, DeltaDeskError
from core.logs import configure_logs, open_private
from core.redaction import mask_standard_streams
from core.resources import shipped_configuration
from gui.desktop import Desktop
from gui.garbage import GarbageKeeper
from gui.preferences import Preferences
from gui.theme import Theme
from gui.widgets.dialogs import problem_dialog

log = structlog.get_logger(__name__)

SWITCH_SECONDS = 0.0002
"""How long a worker thread may keep the interpreter: each painting asks for it some hundred times."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the desktop and return the exit code once its window is closed."""
    given = _parser().parse_args(arguments)
    os.umask(0o077)  # what is made from here on holds orders: it is its user's alone
    mask_standard_streams()
    logs = data_folder() / "logs"
    configure_logs(logs)
    _log_unexpected()
    # The stack of a crash below Python; a windowed program has no stderr to leave it on.
    crashes = open_private(logs / "crash.txt")
    faulthandler.enable(crashes)
    QCoreApplication.setApplicationName("DeltaDesk")
    QCoreApplication.setOrganizationName("DeltaDesk")
    QCoreApplication.setApplicationVersion(__version__)
    application = QApplication(sys.argv[:1])
    application.setDesktopFileName("deltadesk")
    theme = Theme(application)
    # The last window closes before the profile does; the loop ends when both have.
    application.setQuitOnLastWindowClosed(False)
    keeper = GarbageKeeper(application)
    sys.setswitchinterval(SWITCH_SECONDS)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(_run(theme, keeper, given))
    keeper.end()
    faulthandler.disable()
    crashes.close()
    return 0


async def _run(theme: Theme, keeper: GarbageKeeper, given: argparse.Namespace) -> None:
    over = asyncio.Event()
    desktop = Desktop(theme, Preferences(data_folder() / "desktop.ini"))
    desktop.closed.connect(over.set)
    keeper.busy = lambda: bool(desktop.tasks.running)
    desktop.window.show()
    profile = "demo" if given.demo else given.profile
    try:
        desktop.open(_configuration_path(given.config, demo=given.demo), profile)
    except DeltaDeskError as error:
        problem = error.problem
        problem_dialog(desktop.window, problem.title, problem.subject, problem.remedy)
    await over.wait()


def _configuration_path(explicit: Path | None, *, demo: bool) -> Path:
    """The file to open; the demo works without any. Raises ConfigurationError when there is none."""
    try:
        return find_configuration(explicit)
    except ConfigurationError:
        if not demo:
            raise
        return shipped_configuration()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="deltadesk-desktop", description="Review pending orders and push them to a monday.com board."
    )
    parser.add_argument("--demo", action="store_true", help="open the demo profile with its practice board")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.add_argument("--profile", help="the profile; default: default_profile of the file")
    parser.add_argument("--version", action="version", version=f"deltadesk {__version__}")
    return parser


def _log_unexpected() -> None:
    """No trace of an unexpected failure reaches an operator; all of it reaches the log."""

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.error("unexpected", exc_info=(kind, error, trace))

    sys.excepthook = note
    sys.unraisablehook = lambda args: note(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )
    threading.excepthook = lambda args: note(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )


if __name__ == "__main__":
    sys.exit(main())
