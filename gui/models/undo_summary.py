"""The end of an undo in words. Pure."""

from collections.abc import Iterator

from core.sync.report import RunReport
from gui.models.run_sentences import counted


def undo_ending(report: RunReport) -> str:
    """Return how an undo ended, in a few words for a table."""
    if not report.orders.archived:
        return "Nothing undone" if report.kept else "Nothing to undo"
    return f"Undone, {counted(len(report.kept), 'order')} kept" if report.kept else "Undone"


def undo_title(report: RunReport) -> str:
    """Return what an undo came to."""
    orders = report.orders
    if orders.failed or orders.unknown or orders.not_started:
        return "The undo ended with open ends"
    if not orders.archived:
        return "Nothing of the run was undone" if report.kept else "There was nothing to undo"
    if report.kept:
        return f"{counted(orders.archived, 'item')} archived, {len(report.kept):,} kept"
    return "Everything that the run made is archived"


def undo_steps(report: RunReport) -> Iterator[str]:
    """Yield what to know and to do after an undo."""
    orders = report.orders
    if orders.archived:
        yield "The orders of what was archived are new again: the next push makes them afresh."
    if report.kept:
        yield f"{counted(len(report.kept), 'order')} kept: History lists the reasons."
    if orders.failed:
        yield f"{counted(orders.failed, 'item')} could not be archived: History says why."
    if orders.unknown or orders.not_started:
        left = counted(orders.unknown + orders.not_started, "item")
        yield f"{left} without an outcome: undo the same run again, and it goes on from there."
