"""The end of an undo in words, and what became of a run that was undone. Pure."""

from collections.abc import Iterator

from core.sync.report import RunReport, Undone
from gui.models.run_sentences import counted, runs_text


def undo_ending(report: RunReport) -> str:
    """Return how an undo ended, in a few words for a table."""
    if not report.orders.archived:
        return "Nothing undone" if report.kept else "Nothing to undo"
    return f"Undone, {counted(len(report.kept), 'order')} kept" if report.kept else "Undone"


def undo_title(report: RunReport) -> str:
    """Return what an undo came to."""
    orders, whose = report.orders, "runs" if report.undoes_also else "run"
    if orders.failed or orders.unknown or orders.not_started:
        return "The undo ended with open ends"
    if not orders.archived:
        return f"Nothing of the {whose} was undone" if report.kept else "There was nothing to undo"
    if report.kept:
        return f"{counted(orders.archived, 'item')} archived, {len(report.kept):,} kept"
    return f"Everything that the {whose} made is archived"


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


def undone_words(undone: Undone) -> str:
    """Return what became of a run, in a few words for a table."""
    return "Partly undone since" if undone.left else "Undone since"


def undone_title(undone: Undone) -> str:
    """Return what became of a run."""
    if undone.left:
        return f"This run was undone in part: {undone.archived:,} of {undone.made:,} items are archived"
    what = "its item is" if undone.made == 1 else f"all {undone.made:,} items are"
    return f"This run was undone: {what} archived"


def undone_sentences(undone: Undone) -> Iterator[str]:
    """Yield who undid a run and when, with what, and what is left of it."""
    by = " and ".join(f"run {each.run_id[:8]} of {each.at.astimezone():%Y-%m-%d %H:%M}" for each in undone.by)
    yield f"Undone by {by}."
    if undone.together_with:
        others = runs_text(undone.together_with)
        were, whose = ("was", "both") if len(undone.together_with) == 1 else ("were", "all")
        yield (
            f"{others.capitalize()} {were} undone with it, for one resumed the other;"
            f" the items are those of {whose}."
        )
    if undone.left:
        were = "was" if undone.left == 1 else "were"
        yield f"{counted(undone.left, 'item')} {were} not archived: Undo… says why."
    yield "The orders of what was archived became new again: a push makes them afresh."
