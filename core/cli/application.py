"""The commands of `deltadesk`."""

from pathlib import Path
from typing import Annotated

import typer

from core import __version__
from core.cli.board import board
from core.cli.check import run_check
from core.cli.context import (
    ConfigOption,
    CustomerOption,
    JsonOption,
    LimitOption,
    ProfileOption,
    run_command,
    selection_of,
    with_workspace,
)
from core.cli.database import database
from core.cli.demo import run_demo
from core.cli.import_list import run_import
from core.cli.lists import list_customers, list_orders, print_reports
from core.cli.mapping import mapping
from core.cli.output import print_json, print_report
from core.cli.prepare import run_prepare
from core.cli.preview import plan_json, print_plan
from core.cli.resume import execute_resume, refuse_beside_resume, tell_interrupted
from core.cli.runs import PORTION, execute_share, import_where_asked, push
from core.cli.undo import execute_undo
from core.cli.usage import Commands
from core.errors import ExitCode
from core.workspace import Workspace

application = typer.Typer(
    name="deltadesk",
    cls=Commands,
    help="Pending order deltas from a database onto a monday.com board.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    epilog="Exit codes: 0 all synced, 1 some records failed, 2 wrong usage or configuration, "
    "3 nothing could be reached or the run had to stop.",
)

application.add_typer(board)
application.add_typer(database)
application.add_typer(mapping)

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Send without asking.")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Plan everything, send nothing.")]

BulkOption = Annotated[
    bool | None,
    typer.Option(
        "--bulk/--no-bulk",
        help="Import new orders as files wherever that can be, or nowhere; else as the profile says.",
    ),
]
ShareOption = Annotated[
    bool,
    typer.Option(
        "--share", help="Take the orders portion by portion, beside other workers on the same queue."
    ),
]
PortionOption = Annotated[
    int | None,
    typer.Option("--portion", min=1, help=f"With --share: take so many orders at once. Default: {PORTION}."),
]


def _version(wanted: bool) -> None:  # noqa: FBT001  typer's callback takes the option's value
    if wanted:
        typer.echo(f"deltadesk {__version__}")
        raise typer.Exit


@application.callback()
def _options(
    *,
    _show: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@application.command()
def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Go on with the demo's data.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Push the demo orders to the practice board and report; its wrong rows are expected to fail."""
    run_command(run_demo(config, keep=keep, as_json=as_json), as_json=as_json)


@application.command()
def orders(
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    customer: CustomerOption = None,
    as_json: JsonOption = False,
) -> None:
    """List pending orders by customer; with --customer, that customer's orders."""

    async def work(workspace: Workspace) -> ExitCode:
        if customer:
            await selection_of(workspace, customer, None)
            await list_orders(workspace, customer, as_json=as_json)
        else:
            await list_customers(workspace, as_json=as_json)
        return ExitCode.SYNCED

    with_workspace(config, profile, work, as_json=as_json)


@application.command()
def preview(
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    customer: CustomerOption = None,
    limit: LimitOption = None,
    bulk: BulkOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the exact requests that a run would send, and how each value comes about. Sends nothing."""

    async def work(workspace: Workspace) -> ExitCode:
        import_where_asked(workspace, bulk=bulk)
        plan = await workspace.plan(await selection_of(workspace, customer, limit))
        if as_json:
            print_json(plan_json(plan))
        else:
            print_plan(plan)
        return ExitCode.SYNCED

    with_workspace(config, profile, work, as_json=as_json)


ResumeOption = Annotated[
    bool,
    typer.Option("--resume", help="Send what an interrupted run has left; without RUN, of the newest one."),
]


@application.command()
def run(
    run_id: Annotated[
        str, typer.Argument(metavar="[RUN]", help="With --resume: a run's id or its beginning.")
    ] = "",
    *,
    resume: ResumeOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    customer: CustomerOption = None,
    limit: LimitOption = None,
    bulk: BulkOption = None,
    dry_run: DryOption = False,
    share: ShareOption = False,
    portion: PortionOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Push pending orders to the board: groups and items, then subitems, then states."""
    refuse_beside_resume(run_id, customer, limit, resume=resume, share=share)
    if portion and not share:
        raise typer.BadParameter(
            "portions are taken from a shared queue: add --share, or say --limit", param_hint="--portion"
        )

    async def work(workspace: Workspace) -> ExitCode:
        import_where_asked(workspace, bulk=bulk)
        if resume:
            return await execute_resume(
                workspace,
                run_id,
                limit,
                portion=portion,
                dry_run=dry_run,
                share=share,
                yes=yes,
                as_json=as_json,
            )
        selection = await selection_of(workspace, customer, limit)
        if share and not dry_run:
            return await execute_share(workspace, selection, portion=portion, yes=yes, as_json=as_json)
        return await push(workspace, selection, dry_run=dry_run, yes=yes, as_json=as_json)

    with_workspace(config, profile, work, as_json=as_json)


@application.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or .xlsx file with headings.")],
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    append: Annotated[
        bool, typer.Option("--append", help="Keep what the staging table holds, and add the rows.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Load an order list from a file into the staging table; each cell that cannot be taken is told."""

    async def work(workspace: Workspace) -> ExitCode:
        return await run_import(workspace, file, append=append, as_json=as_json)

    with_workspace(config, profile, work, as_json=as_json)


@application.command()
def prepare(
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, change nothing.")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Only with --dry-run: print the SQL too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring new, changed and cancelled orders from the staging table into the delta tables."""
    if sql and not dry_run:
        raise typer.BadParameter(
            "the statements are those of a dry run, and nothing was prepared: add --dry-run",
            param_hint="--sql",
        )

    async def work(workspace: Workspace) -> ExitCode:
        return await run_prepare(workspace, dry_run=dry_run, sql=sql, as_json=as_json)

    with_workspace(config, profile, work, as_json=as_json)


@application.command()
def retry(
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    customer: CustomerOption = None,
    order: Annotated[
        list[str] | None, typer.Option("--order", help="Only this record_uuid; may be repeated.")
    ] = None,
    bulk: BulkOption = None,
    dry_run: DryOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Send the orders in ERROR again; what is on the board already is not sent twice."""

    async def work(workspace: Workspace) -> ExitCode:
        import_where_asked(workspace, bulk=bulk)
        selection = await selection_of(workspace, customer, None, orders=order, failed=True)
        return await push(workspace, selection, dry_run=dry_run, yes=yes, as_json=as_json)

    with_workspace(config, profile, work, as_json=as_json)


@application.command()
def undo(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="A run's id or its beginning.")],
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be archived and what kept, change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Archive without asking.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Archive the items that a run made and nobody changed since; their orders are new again."""

    async def work(workspace: Workspace) -> ExitCode:
        return await execute_undo(workspace, run_id, dry_run=dry_run, yes=yes, as_json=as_json)

    with_workspace(config, profile, work, as_json=as_json)


@application.command()
def report(
    *,
    run_id: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A run's id or its beginning.")
    ] = None,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a run's report; without RUN, list the recent runs."""

    async def work(workspace: Workspace) -> ExitCode:
        if run_id is None:
            print_reports(await workspace.recent_reports(), as_json=as_json)
            await tell_interrupted(workspace, as_json=as_json)
            return ExitCode.SYNCED
        found = await workspace.report(run_id)
        if as_json:
            print_json(found.to_json())
        else:
            print_report(found)
        return ExitCode.SYNCED

    with_workspace(config, profile, work, as_json=as_json)


@application.command()
def check(
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    data: Annotated[
        bool, typer.Option("--data", help="Look at every value of the pending orders too.")
    ] = False,
    customer: CustomerOption = None,
    limit: LimitOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at database, token, board, columns and mapping; each failure with its line and its remedy."""
    if (customer or limit) and not data:
        raise typer.BadParameter(
            "choose orders whose values are looked at: add --data",
            param_hint="--customer" if customer else "--limit",
        )

    async def work(workspace: Workspace) -> ExitCode:
        selection = await selection_of(workspace, customer, limit) if data else None
        return await run_check(workspace, selection, as_json=as_json)

    with_workspace(config, profile, work, as_json=as_json)


@application.command()
def sandbox(
    *,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    plan: Annotated[str, typer.Option(help="The provider's plan whose limits hold.")] = "pro",
    state: Annotated[Path | None, typer.Option(help="Where the board's state is kept.")] = None,
    request_ms: Annotated[float, typer.Option(help="Latency of a request, milliseconds.")] = 0.0,
    mutation_ms: Annotated[float, typer.Option(help="Latency of a mutation, milliseconds.")] = 0.0,
) -> None:
    """Serve the practice board on loopback until Ctrl+C; its page shows what arrived."""
    from core.cli.practice_server import serve

    raise typer.Exit(serve(port=port, plan=plan, state=state, request_ms=request_ms, mutation_ms=mutation_ms))
