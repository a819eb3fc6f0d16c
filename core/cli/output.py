"""What the commands print: for people through rich, for programs one JSON object on standard output."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.errors import DeltaDeskError, Problem
from core.redaction import redact
from core.sync.report import Counts, KeptOrder, RunReport, Undone

# Without emoji: `:key:` in an operator's data is text, and a preview must show what is sent.
console = Console(highlight=False, soft_wrap=True, emoji=False)
messages = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


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
        made.add_column(title, justify="right" if side == "right" else "left", overflow="fold")
    return made


def counted(count: int, noun: str) -> str:
    """A count and its noun: 1 item, 2 items."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


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
        f"\n{api.calls} API calls, {api.rejected} refused by a limit, "
        f"{api.complexity:,} points of complexity, {report.seconds:.1f} s, {report.groups_created} new groups"
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


def _figures(report: RunReport) -> str:
    """Pace, binding limit and what is left of the day's calls; what is not known is left out."""
    pace, api = report.records_per_minute, report.api
    parts = [f"{pace:,.0f} records a minute"] if pace is not None else []
    parts += [api.binding] if api.binding else []
    if api.calls_left_today is not None and api.calls_a_day is not None:
        parts.append(f"{api.calls_left_today:,} of today's {api.calls_a_day:,} calls are left")
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
        console.print(f"{report.unresolved} records are in ERROR from earlier runs: deltadesk retry")
    for reason in report.withheld:
        console.print(f"{reason.orders} orders were not touched: {_plain(reason.message)}. {reason.remedy}")
    print_left_alone(report.left_alone)


def print_left_alone(records: int) -> None:
    """Say that records were asked for and left out, if there are any."""
    if records:
        console.print(
            f"{records} orders or lines were left alone: a request with them may still be under way. "
            "Run again in a few minutes."
        )


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
