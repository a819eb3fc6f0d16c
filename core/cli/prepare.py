"""`deltadesk prepare`: new, changed and cancelled orders from the staging table into the delta tables."""

from rich.markup import escape

from core.cli.output import console, print_json, table
from core.errors import ExitCode
from core.prepare.summary import PrepareSummary
from core.workspace import Workspace

PROBLEMS_SHOWN = 20


async def run_prepare(workspace: Workspace, *, dry_run: bool, sql: bool, as_json: bool) -> ExitCode:
    """Prepare, or with `dry_run` only count; the exit code tells whether rows were left out."""
    summary = await workspace.prepare(dry_run=dry_run)
    if as_json:
        print_json(summary.to_json())
    else:
        print_summary(summary)
        if sql and dry_run:
            for statement in summary.statements:
                console.print(f"\n{statement};", markup=False)
    return ExitCode.RECORDS_FAILED if summary.refused else ExitCode.SYNCED


def print_summary(summary: PrepareSummary) -> None:
    """What a preparation found and did."""
    heading = "Dry run, nothing was changed" if summary.dry_run else "Prepared"
    console.print(f"[bold]{heading}[/]: {summary.staging_rows:,} staging rows in {summary.seconds:.1f} s")
    counts = table(
        ("", "left"),
        ("New", "right"),
        ("Changed", "right"),
        ("Cancelled", "right"),
        ("Unchanged", "right"),
        ("In a run", "right"),
        ("Kept", "right"),
        ("Left out", "right"),
    )
    counts.add_row(
        "Orders",
        f"{summary.new + summary.revived:,}",
        f"{summary.changed:,}",
        f"{summary.cancelled:,}",
        f"{summary.unchanged:,}",
        f"{summary.claimed:,}",
        f"{summary.withheld:,}",
        f"{summary.refused:,}",
    )
    counts.add_row(
        "Lines",
        f"{summary.lines_inserted:,}",
        f"{summary.lines_updated:,}",
        f"{summary.lines_deleted:,}",
    )
    console.print(counts)
    if summary.withheld:
        console.print(
            f"Kept: {summary.withheld:,} orders are no longer in the order list and are not cancelled, "
            "because a row that was left out may be one of them."
        )
    for name, prepared in summary.customers.items():
        console.print(
            f"  {escape(name) or '(no customer)'}: {prepared.orders:,} headers, {prepared.lines:,} lines"
        )
    for problem in summary.problems[:PROBLEMS_SHOWN]:
        console.print(f"\n[red]✕[/] {escape(problem.message)}  [dim]{escape(problem.key)}[/]")
        console.print(f"  [bold]What to do:[/] {escape(problem.remedy)}")
    if len(summary.problems) > PROBLEMS_SHOWN:
        console.print(f"\n{len(summary.problems) - PROBLEMS_SHOWN:,} more are in the output of --json.")
