"""What the commands print: for people through rich, for programs one JSON object on standard output."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rich.cells import cell_len
from rich.console import Console, ConsoleDimensions
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from core.errors import DeltaDeskError, Problem
from core.redaction import redact
from core.sync.report import ApiUse, Counts, KeptOrder, RunReport, Undone

_UNBOUNDED = 100_000
"""Characters; wider than any table."""
_GAP = 2
"""Characters between two columns of a table."""
_PROSE = 24
"""Characters that a column of sentences keeps, however narrow the terminal."""


class _Output(Console):
    """Breaks lines for a person at a terminal; a file and the next program of a pipe get them whole."""

    @property
    def size(self) -> ConsoleDimensions:
        """That of the terminal, where there is one."""
        size = super().size
        return size if self.file.isatty() else ConsoleDimensions(_UNBOUNDED, size.height)

    @size.setter
    def size(self, size: tuple[int, int]) -> None:
        self._width, self._height = size


# Without emoji: `:key:` in an operator's data is text, and a preview must show what is sent.
console = _Output(highlight=False, soft_wrap=True, emoji=False)
messages = _Output(stderr=True, highlight=False, soft_wrap=True, emoji=False)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table whose cells a person must be able to read and copy: they stay in one line."""

    title: str
    right: bool = False
    prose: bool = False
    """Sentences: broken between words where a line has no room for them."""
    spare: int = 0
    """Left out where the terminal is too narrow, the highest first; 0: never."""


def print_json(data: Any) -> None:
    """One JSON object on standard output, secrets masked."""
    sys.stdout.write(redact(json.dumps(data, ensure_ascii=False, indent=2)) + "\n")


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem as JSON."""
    return {
        "code": problem.code,
        "title": problem.title,
        "subject": problem.subject,
        "remedy": problem.remedy,
        "request_id": problem.request_id,
    }


def print_error(error: DeltaDeskError, *, as_json: bool) -> None:
    """Every problem of an expected failure."""
    if as_json:
        print_json(
            {
                "error": [problem_json(problem) for problem in error.problems],
                "exit_code": error.exit_code.value,
            }
        )
        return
    for problem in error.problems:
        print_problem(problem)


def print_problem(problem: Problem, *, note: bool = False) -> None:
    """What happened, to what, and what to do; a note is worth knowing and stops nothing."""
    title = f"[yellow]! {_plain(problem.title)}[/]" if note else f"[bold red]✕ {_plain(problem.title)}[/]"
    messages.print(title)
    messages.print(f"  {_plain(problem.subject)}")
    messages.print(f"  [bold]What to do:[/] {_plain(problem.remedy)}")
    if problem.request_id:
        messages.print(f"  [dim]request {problem.request_id}[/]")


def _plain(text: str) -> str:
    return escape(redact(text))


def table(*columns: tuple[str, str]) -> Table:
    """An empty table; each column is (title, "left" or "right")."""
    made = Table(box=None, header_style="bold", pad_edge=False)
    for title, side in columns:
        made.add_column(
            title,
            justify="right" if side == "right" else "left",
            overflow="fold",
            min_width=max(map(len, title.split()), default=0),  # no word of a heading is broken
        )
    return made


def print_columns(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """A table as wide as the terminal allows; what has no room in it is named. Cells are markup."""
    widths = [
        max(cell_len(column.title), *(Text.from_markup(row[place]).cell_len for row in rows), 0)
        for place, column in enumerate(columns)
    ]
    least = [min(width, _PROSE) if columns[place].prose else width for place, width in enumerate(widths)]
    places = list(range(len(columns)))
    room = console.width
    while _width(places, least) > room and any(columns[place].spare for place in places):
        places.remove(max(places, key=lambda place: columns[place].spare))
    shown = Table(box=None, header_style="bold", pad_edge=False)
    if _width(places, least) > room:
        shown.width = _width(places, least)  # lines that the terminal breaks are better than columns that do
    for place in places:
        column = columns[place]
        side: Literal["right", "left"] = "right" if column.right else "left"
        shown.add_column(column.title, justify=side, no_wrap=not column.prose, min_width=least[place])
    for row in rows:
        shown.add_row(*(row[place] for place in places))
    console.print(shown)
    if left_out := [column.title for place, column in enumerate(columns) if place not in places]:
        console.print(f"\n[dim]No room here for: {_plain(', '.join(left_out))}. All of it: --json[/]")


def _width(places: Sequence[int], widths: Sequence[int]) -> int:
    return sum(widths[place] for place in places) + _GAP * (len(places) - 1)


def counted(count: int, noun: str) -> str:
    """A count and its noun: 1 item, 2 items."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _are(count: int, noun: str) -> str:
    """As in 1 item is, 2 items are."""
    return f"{counted(count, noun)} {'is' if count == 1 else 'are'}"


def print_kept(kept: Sequence[KeptOrder]) -> None:
    """The orders whose items an undo leaves on the board, each with its reason."""
    for order in kept:
        console.print(f"\n[yellow]! Kept[/]  order {_plain(order.label)}  [dim]{_plain(order.customer)}[/]")
        console.print(f"  {_plain(order.message)}")
        console.print(f"  [bold]What to do:[/] {_plain(order.remedy)}")


def print_report(report: RunReport) -> None:
    """A run's report for a person: totals that balance, customers, failures, what to do next."""
    kind = "dry run, nothing was sent" if report.dry_run else "live"
    name = f"Run {report.run_id[:8]}"
    if report.undoes:
        name = f"Undo {report.run_id[:8]} of {names_of_runs((*report.undoes_also, report.undoes))}"
    console.print(f"\n[bold]{name}[/] on profile {_plain(report.profile)} ({kind})")
    if report.mapping:
        console.print(f"[dim]{_plain(report.mapping_label)}[/]")
    if report.undone:
        _print_undone(report.run_id, report.undone)
    console.print(_totals(report))
    if not report.balanced:
        messages.print("[bold red]The totals do not balance: report this run.[/]")
    console.print()
    console.print(_customers(report))
    for failure in report.failures:
        ended = failure.outcome.value.capitalize()
        console.print(
            f"\n[red]✕ {ended}[/]  {failure.kind.value} {_plain(failure.label)}  "
            f"[dim]{_plain(failure.customer)}[/]"
        )
        console.print(f"  {_plain(failure.message)}")
        console.print(f"  [bold]What to do:[/] {_plain(failure.remedy)}")
    print_kept(report.kept)
    api = report.api
    console.print(
        f"\n{_calls(api)}, {api.rejected:,} refused by a limit, "
        f"{counted(api.complexity, 'point')} of complexity, {report.seconds:.1f} s, "
        f"{counted(report.groups_created, 'new group')}"
    )
    figures = _figures(report)
    if figures:
        console.print(figures)
    _print_end(report)


def names_of_runs(run_ids: Sequence[str]) -> str:
    """Runs by the beginnings of their ids: run 1a2b3c4d, runs 1a2b3c4d and 5e6f7a8b."""
    names = [run_id[:8] for run_id in run_ids]
    if len(names) == 1:
        return f"run {names[0]}"
    return f"runs {', '.join(names[:-1])} and {names[-1]}"


def _print_undone(run_id: str, undone: Undone) -> None:
    """What is on the board no more, by whom and since when."""
    by = " and ".join(f"run {each.run_id[:8]} of {each.at:%Y-%m-%d %H:%M} UTC" for each in undone.by)
    part = " in part" if undone.left else ""
    console.print(f"[bold yellow]Undone{part}[/] by {by}: {_archived_items(undone)}.")
    if undone.together_with:
        others = names_of_runs(undone.together_with)
        whose = "both" if len(undone.together_with) == 1 else "all"
        console.print(
            f"Undone together with {others}, for one resumed the other; the items are those of {whose}."
        )
    if undone.left:
        console.print(
            f"{counted(undone.left, 'item')} not archived; why: deltadesk undo {run_id[:8]} --dry-run"
        )
    console.print("The tables say what the run did before.")


def _archived_items(undone: Undone) -> str:
    if undone.left:
        return f"{undone.archived:,} of {undone.made:,} items are archived"
    return "its item is archived" if undone.made == 1 else f"all {undone.made:,} items are archived"


def _calls(api: ApiUse) -> str:
    """Every call that was made for the run, and how many of them only looked."""
    calls = counted(api.calls, "API call")
    if not api.calls_before:
        return calls
    if api.calls_before < api.calls:
        return f"{calls}, {api.calls_before:,} of them to look first"
    return f"{calls}, {f'all {api.calls:,}' if api.calls > 1 else 'made'} to look first"


def _figures(report: RunReport) -> str:
    """Pace, binding limit and what is left of the day's calls; what is not known is left out."""
    pace, api = report.records_per_minute, report.api
    parts = [f"{pace:,.0f} records a minute"] if pace is not None else []
    parts += [api.binding] if api.binding else []
    if api.calls_left_today is not None and api.calls_a_day is not None:
        are = "is" if api.calls_left_today == 1 else "are"
        parts.append(f"{api.calls_left_today:,} of today's {api.calls_a_day:,} calls {are} left")
    return ", ".join(parts)


def _totals(report: RunReport) -> Table:
    totals = table(
        ("", "left"),
        ("Selected", "right"),
        ("Created", "right"),
        ("Changed", "right"),
        ("Archived", "right"),
        ("Failed", "right"),
        ("Skipped", "right"),
        ("Unknown", "right"),
        ("Not started", "right"),
    )
    for name, counts in (("Orders", report.orders), ("Lines", report.lines)):
        totals.add_row(name, *_cells(counts))
    return totals


def _customers(report: RunReport) -> Table:
    customers = table(
        ("Customer", "left"),
        ("Orders", "right"),
        ("synced", "right"),
        ("failed", "right"),
        ("Lines", "right"),
        ("synced", "right"),
        ("failed", "right"),
    )
    for customer in report.customers:
        counts = (customer.orders, customer.lines)
        customers.add_row(
            _plain(customer.customer) or "(lines without an order)",
            *(str(n) for part in counts for n in (part.selected, part.synced, part.failed)),
        )
    return customers


def _print_end(report: RunReport) -> None:
    """Why the run ended early, if it did, and what it leaves to be done."""
    if report.stopped is not None:
        messages.print("\n[bold red]The run ended early.[/]")
        if report.undone:  # nothing of it is to be taken up any more
            messages.print(_plain(report.stopped.title))
        else:
            print_problem(report.stopped)
    elif report.cancelled:
        rest = (
            f"What was not started stays on the board: deltadesk undo {report.undoes[:8]}"
            if report.undoes
            else "What was not started stays pending: deltadesk run"
        )
        console.print(f"The run was stopped. {rest}")
    if report.unresolved:
        console.print(f"{_are(report.unresolved, 'record')} in ERROR from earlier runs: deltadesk retry")
    for reason in report.withheld:
        were = "was" if reason.orders == 1 else "were"
        console.print(
            f"{counted(reason.orders, 'order')} {were} not touched: {_plain(reason.message)}. {reason.remedy}"
        )
    print_left_alone(report.left_alone)


def print_left_alone(records: int) -> None:
    """Say that records were asked for and left out, if there are any."""
    if records:
        what = "1 order or line was left alone: a request with it"
        if records > 1:
            what = f"{records:,} orders or lines were left alone: a request with them"
        console.print(f"{what} may still be under way. Run again in a few minutes.")


def _cells(counts: Counts) -> tuple[str, ...]:
    parts = (
        counts.selected,
        counts.created,
        counts.changed,
        counts.archived,
        counts.failed,
        counts.skipped,
        counts.unknown,
        counts.not_started,
    )
    return tuple(f"{part:,}" for part in parts)
