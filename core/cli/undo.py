"""`deltadesk undo`: say what would be taken back and what not, ask, take it back, report."""

import sys
from dataclasses import asdict
from typing import Any

import typer
from rich.markup import escape

from core.cli.output import console, counted, messages, names_of_runs, print_json, print_kept
from core.cli.runs import execute, nobody_to_ask
from core.config.model import ProfileKind
from core.errors import ExitCode
from core.redaction import redact
from core.sync.undo import UndoPlan, archived_items, archived_orders, kept_orders
from core.workspace import Workspace


async def execute_undo(
    workspace: Workspace, run_id: str, *, dry_run: bool, yes: bool, as_json: bool
) -> ExitCode:
    """Archive what the run made and nobody changed since; a dry run lists it and sends nothing."""
    plan = await workspace.plan_undo(run_id)
    if dry_run:
        if as_json:
            print_json(undo_json(plan))
        else:
            print_undo(plan)
        return ExitCode.RECORDS_FAILED if kept_orders(plan) else ExitCode.SYNCED
    if not as_json:
        _tell_if_several(plan)
    if archived_orders(plan) and not yes:
        _confirm(workspace, plan)
    return await execute(workspace, plan, dry_run=False, as_json=as_json)


def undo_json(plan: UndoPlan) -> dict[str, Any]:
    """What an undo would do, as one JSON object."""
    return {
        "kind": "undo",
        "dry_run": True,
        "undoes": plan.undoes,
        "undoes_also": _ids(plan)[:-1],
        "profile": plan.profile,
        "board_id": plan.board_id,
        "board": plan.board_name,
        "plan_hash": plan.hash,
        "requests": sum(1 for _ in plan.requests),
        "undone_before": plan.undone_before,
        "archive": [
            {
                "key": order.key,
                "label": order.label,
                "customer": batch.customer,
                "item_id": order.item_id,
                "lines": len(order.lines),
            }
            for batch in plan.batches
            for order in batch.orders
            if order.operation is not None
        ],
        "kept": [asdict(order) for order in kept_orders(plan)],
    }


def print_undo(plan: UndoPlan) -> None:
    """What an undo would do, for a person."""
    console.print(
        f"[bold]Undo of {names_of_runs(_ids(plan))}[/] on board {_plain(plan.board_name)}: "
        f"{_archived_words(plan)} would be archived, their orders new again"
    )
    _tell_if_several(plan)
    if plan.undone_before:
        console.print(f"Archived by an earlier undo: {counted(plan.undone_before, 'item')}.")
    for batch in plan.batches:
        for order in batch.orders:
            if order.operation is not None:
                console.print(
                    f"  archive {_plain(order.label)}  [dim]{_plain(batch.customer)}, item {order.item_id}[/]"
                )
    print_kept(kept_orders(plan))


def _tell_if_several(plan: UndoPlan) -> None:
    """Say why more than the named run is undone, where it is."""
    ids = _ids(plan)
    if len(ids) > 1:
        first, last = names_of_runs(ids[:1]), names_of_runs(ids[1:])
        messages.print(
            f"{first.capitalize()} was interrupted, and {last} resumed it: they are one piece of work, "
            "and undone together."
        )


def _ids(plan: UndoPlan) -> list[str]:
    return [run.run_id for run in plan.runs]


def _confirm(workspace: Workspace, plan: UndoPlan) -> None:
    """Ask before items leave the board. Raises ConfigurationError where nobody can answer."""
    if not sys.stdin.isatty():
        raise nobody_to_ask(workspace, "An undo")
    loud = "PRODUCTION board" if workspace.profile.kind is ProfileKind.PRODUCTION else "board"
    kept = len(kept_orders(plan))
    rest = f"; {counted(kept, 'order')} kept, see --dry-run" if kept else ""
    where = f"the {loud} '{plan.board_name}' ({workspace.profile.badge})"
    question = f"Archive {_archived_words(plan)} of {where}{rest}?"
    if not typer.confirm(question, default=False, err=True):
        messages.print("Nothing was archived.")
        raise typer.Exit(ExitCode.USAGE.value)


def _archived_words(plan: UndoPlan) -> str:
    orders = archived_orders(plan)
    lines = sum(len(order.lines) for order in orders)
    return f"{counted(archived_items(plan), 'item')} with {counted(lines, 'line')}"


def _plain(text: str) -> str:
    return escape(redact(text))
