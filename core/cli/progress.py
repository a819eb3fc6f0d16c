"""The command line's reader of the event stream: one bar for each pass, waits and live figures in words."""

from types import TracebackType
from typing import Self, assert_never

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.cli.output import messages
from core.sync.events import (
    BudgetRead,
    CustomerEnded,
    RecordEnded,
    RequestAnswered,
    RequestSent,
    RunEvent,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStopping,
    Waiting,
)
from core.sync.plan import TargetKind


class ProgressBars:
    """Shows a run on standard error while it goes on; silent where nobody watches."""

    def __init__(self, *, shown: bool) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<9}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
            console=messages,
            disable=not shown,
        )
        self._items = self._progress.add_task("Items", total=None, note="")
        self._subitems = self._progress.add_task("Subitems", total=None, note="")
        self._ended: set[str] = set()
        """Orders: of one that is told of when its item is there and again at its end, the first counts."""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def read(self, event: RunEvent) -> None:
        """Show what one event says."""
        match event:
            case RunStarted():
                self._progress.update(self._items, total=event.orders)
                self._progress.update(self._subitems, total=event.lines)
            case RecordEnded():
                self._advance(event)
            case Waiting():
                self._progress.update(self._items, note=f"{event.reason}, {event.seconds:.0f} s")
            case RequestSent() | RunResumed():
                self._progress.update(self._items, note="")
            case RunPaused():
                self._progress.update(self._items, note="paused")
            case RunStopping():
                self._progress.update(self._items, note=f"stopping: {event.reason}")
            case BudgetRead():
                self._progress.update(self._subitems, note=" · ".join(event.figures))
            case RequestAnswered() | CustomerEnded() | RunFinished():
                pass
            case _:
                assert_never(event)

    def _advance(self, event: RecordEnded) -> None:
        if event.target is TargetKind.ORDER and event.key not in self._ended:
            self._ended.add(event.key)
            self._progress.advance(self._items)
        elif event.target is TargetKind.LINE:
            self._progress.advance(self._subitems)
