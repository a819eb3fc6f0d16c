"""`deltadesk run --resume`: sends what an interrupted run has left."""

from collections.abc import Sequence
from dataclasses import replace

import typer
from rich.markup import escape

from core.cli.output import console, counted, messages, print_json
from core.cli.runs import execute_share, push
from core.errors import ExitCode
from core.workspace import Workspace
from core.workspace.resuming import InterruptedRun


def refuse_beside_resume(
    run_id: str, customers: Sequence[str] | None, limit: int | None, *, resume: bool, share: bool
) -> None:
    """Raise BadParameter for options that say something else than a resumption does."""
    if run_id and not resume:
        raise typer.BadParameter("a run is named to take it up again: add --resume", param_hint="RUN")
    if resume and customers:
        raise typer.BadParameter(
            "an interrupted run is taken up as a whole: leave this out", param_hint="--customer"
        )
    if resume and limit and not share:
        raise typer.BadParameter(
            "an interrupted run is taken up as a whole: leave this out, or add --share", param_hint="--limit"
        )


async def execute_resume(
    workspace: Workspace,
    run_id: str,
    limit: int | None,
    *,
    portion: int | None,
    dry_run: bool,
    share: bool,
    yes: bool,
    as_json: bool,
) -> ExitCode:
    """Take an interrupted run up, the newest one without an id; say so where there is none.

    Raises ConfigurationError for an id of no interrupted run, and where nobody can confirm the push.
    """
    interrupted = await workspace.interrupted_run(run_id)
    if interrupted is None:
        _tell_none(as_json=as_json)
        return ExitCode.SYNCED
    if not as_json:
        messages.print(escape(sentence(interrupted)))
    if share and not dry_run:
        selection = replace(interrupted.selection, limit=limit)
        return await execute_share(workspace, selection, portion=portion, yes=yes, as_json=as_json)
    return await push(workspace, interrupted.selection, dry_run=dry_run, yes=yes, as_json=as_json)


async def tell_interrupted(workspace: Workspace, *, as_json: bool) -> None:
    """Say which runs can be resumed; nothing beside JSON."""
    if not as_json:
        for run in await workspace.interrupted_runs():
            console.print(escape(f"{sentence(run)} deltadesk run --resume {run.run_id[:8]}"))


def sentence(run: InterruptedRun) -> str:
    """What is resumed, in one sentence."""
    how = "ended early" if run.ended_early else "was interrupted"
    customers = run.customers
    whose = f" of {customers[0]}" if len(customers) == 1 else f" of {len(customers)} customers"
    left = len(run.unfinished)
    return (
        f"Run {run.run_id[:8]} of {run.started_at:%Y-%m-%d %H:%M} UTC {how}: {left} of "
        f"{counted(run.orders, 'order')}{whose if customers else ''} {'is' if left == 1 else 'are'} "
        "not finished. Nothing is sent twice."
    )


def _tell_none(*, as_json: bool) -> None:
    nothing = "No run was interrupted: there is nothing to resume."
    if as_json:
        print_json({"run_id": None, "message": nothing})
    else:
        console.print(nothing)
