"""What the commands print: for people through rich on standard error and output, for programs one JSON object."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.errors import DeltaDeskError, Problem
from core.redaction import redact
from core.sync.report import Counts, RunReport

console = Console(highlight=False, soft_wrap=True)
messages = Console(stderr=True, highlight=False, soft_wrap=True)


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


def print_problem(problem: Problem) -> None:
    """What happened, to what, and what to do."""
    messages.print(f"[bold red]✕ {_plain(problem.title)}[/]")
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


def print_report(report: RunReport) -> None:
    """A run's report for a person: totals that balance, customers, failures, what to do next."""
    kind = "dry run, nothing was sent" if report.dry_run else "live"
    console.print(f"\n[bold]Run {report.run_id[:8]}[/] on profile {_plain(report.profile)} ({kind})")
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
    console.print(totals)
    if not report.balanced:
        messages.print("[bold red]The totals do not balance: report this run.[/]")
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
        customers.add_row(
            _plain(customer.customer) or "(lines without an order)",
            str(customer.orders.selected),
            str(customer.orders.synced),
            str(customer.orders.failed),
            str(customer.lines.selected),
            str(customer.lines.synced),
            str(customer.lines.failed),
        )
    console.print()
    console.print(customers)
    for failure in report.failures:
        console.print(
            f"\n[red]✕ {failure.outcome.value.capitalize()}[/]  {failure.kind.value} {_plain(failure.label)}"
            f"  [dim]{_plain(failure.customer)}[/]"
        )
        console.print(f"  {_plain(failure.message)}")
        console.print(f"  [bold]What to do:[/] {_plain(failure.remedy)}")
    api = report.api
    console.print(
        f"\n{api.calls} API calls, {api.rejected} refused by a limit, {api.complexity:,} points of complexity, "
        f"{report.seconds:.1f} s, {report.groups_created} new groups"
    )
    if report.stopped is not None:
        messages.print("\n[bold red]The run ended early.[/]")
        print_problem(report.stopped)
    elif report.cancelled:
        console.print("The run was stopped. What was not started stays pending: deltadesk run")
    if report.unresolved:
        console.print(f"{report.unresolved} records are in ERROR from earlier runs: deltadesk retry")


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
