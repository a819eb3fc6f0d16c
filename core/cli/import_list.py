"""`deltadesk import`: an order list from a CSV or Excel file into the staging table."""

from pathlib import Path

from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from core.cli.output import console, messages, print_json, table
from core.errors import ExitCode
from core.prepare.import_summary import ImportSummary
from core.redaction import redact
from core.workspace import Workspace

REFUSALS_SHOWN = 50
NOTES_SHOWN = 10


async def run_import(workspace: Workspace, path: Path, *, append: bool, as_json: bool) -> ExitCode:
    """Import with progress on standard error; the exit code tells whether rows were left out."""
    summary = await _import(workspace, path, append=append, shown=not as_json and messages.is_terminal)
    if as_json:
        print_json(summary.to_json())
    else:
        print_import(summary)
    return ExitCode.RECORDS_FAILED if summary.rows_rejected else ExitCode.SYNCED


async def _import(workspace: Workspace, path: Path, *, append: bool, shown: bool) -> ImportSummary:
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=messages,
        transient=True,
        disable=not shown,
    )
    with bar:
        task = bar.add_task("Reading the order list", total=None)
        return await workspace.import_orders(
            path, append=append, progress=lambda rows: bar.update(task, description=f"{rows:,} rows")
        )


def print_import(summary: ImportSummary) -> None:
    """What an import found and did, each rejected cell, and what to run next."""
    console.print(
        f"[bold]Imported[/] {_plain(summary.path)} ({_plain(summary.form)}) into "
        f"{_plain(summary.staging_table)} in {summary.seconds:.1f} s"
    )
    counts = table(
        ("", "left"),
        ("Read", "right"),
        ("Loaded", "right"),
        ("Left out", "right"),
        ("Replaced", "right"),
    )
    counts.add_row(
        "Rows",
        *(
            f"{count:,}"
            for count in (
                summary.rows_read,
                summary.rows_loaded,
                summary.rows_rejected,
                summary.rows_replaced,
            )
        ),
    )
    console.print(counts)
    if summary.missing_columns:
        console.print(
            f"Columns: {len(summary.columns):,} loaded, {len(summary.missing_columns):,} not in the file, "
            f"which stay empty: {_plain(summary.missing_words())}"
        )
    _print_notes(summary)
    _print_refusals(summary)
    _print_next(summary)


def _print_notes(summary: ImportSummary) -> None:
    notes = summary.notes
    for note in notes[:NOTES_SHOWN]:
        console.print(f"[yellow]![/] {_plain(note.message)}. {_plain(note.remedy)}")
    if len(notes) > NOTES_SHOWN:
        console.print(f"{len(notes) - NOTES_SHOWN:,} more notes are in the output of --json.")


def _print_refusals(summary: ImportSummary) -> None:
    refusals = summary.refusals
    if not refusals:
        return
    rejected = table(
        ("Row", "right"), ("Column", "left"), ("Value", "left"), ("Why", "left"), ("What to do", "left")
    )
    for each in refusals[:REFUSALS_SHOWN]:
        column = f"{each.letter} ({each.column})" if each.column else each.letter
        rejected.add_row(
            f"{each.row:,}", *map(_plain, (column, each.value or "(empty)", each.reason, each.remedy))
        )
    console.print(f"\n[red]✕[/] {summary.cells_rejected:,} cells were rejected, their rows left out:")
    console.print(rejected)
    if (more := summary.cells_rejected - REFUSALS_SHOWN) > 0:
        console.print(f"{more:,} more; --json gives up to {len(refusals):,} of them.")


def _print_next(summary: ImportSummary) -> None:
    if summary.rows_rejected:
        console.print("\n[bold]What to do:[/] correct these cells in the file, then import it again.")
    if summary.cancellations_withheld:
        console.print("Until then a preparation brings in the good rows and cancels no order.")
    console.print("\nNext: deltadesk prepare --dry-run says what would change, deltadesk prepare does it.")


def _plain(text: str) -> str:
    return escape(redact(text))
