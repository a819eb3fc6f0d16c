"""`deltadesk board`: find boards, look at their columns, suggest rules, compare boards, complete them."""

import sys
from typing import Annotated

import typer

from core.cli.board_access import BoardAccess, with_boards
from core.cli.board_output import (
    plan_json,
    print_boards,
    print_columns,
    print_diff,
    print_plan,
    print_report,
    print_suggestions,
    report_json,
)
from core.cli.context import ConfigOption, JsonOption, ProfileOption, with_workspace
from core.cli.output import messages, print_json
from core.clock import SystemClock
from core.config.model import ProfileKind
from core.errors import ConfigurationError, ExitCode, Problem
from core.monday.limits import Governor
from core.workspace import Workspace
from core.workspace.board_making import BoardSetup, BoardSetupReport
from core.workspace.board_setup import BoardSetupPlan
from core.workspace.board_structure import compare, matching, setup_plan

board = typer.Typer(
    name="board",
    help="Boards: find one, look at its columns, compare two, make missing columns. "
    "A BOARD is named by a profile, its id or its name.",
    no_args_is_help=True,
)

_BOARD_HELP = "A profile, or a board's id or name."


@board.command(name="list")
def list_(
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    search: Annotated[str, typer.Option("--search", help="Words of its name, workspace or id.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the boards that the token's user may see."""

    async def work(boards: BoardAccess) -> ExitCode:
        found = matching(await boards.own.client.boards(), search)
        print_boards(found, boards.own.board_id, search, as_json=as_json)
        return ExitCode.SYNCED

    with_boards(config, profile, work, as_json=as_json)


@board.command()
def columns(
    *,
    wanted: Annotated[str | None, typer.Argument(metavar="[BOARD]", help=_BOARD_HELP)] = None,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a board's columns, its subitems' too; without BOARD, the profile's board."""

    async def work(boards: BoardAccess) -> ExitCode:
        place = await boards.find(wanted)
        print_columns(await place.schema(), as_json=as_json)
        return ExitCode.SYNCED

    with_boards(config, profile, work, as_json=as_json)


@board.command()
def suggest(
    *, config: ConfigOption = None, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Suggest rules for board columns that have none, and board columns for the sources that are left.

    Needs the orders database: sample values decide where titles leave it open. Changes nothing.
    """

    async def work(workspace: Workspace) -> ExitCode:
        print_suggestions(await workspace.suggest_mapping(), as_json=as_json)
        return ExitCode.SYNCED

    with_workspace(config, profile, work, as_json=as_json)


@board.command()
def diff(
    left: Annotated[str, typer.Argument(metavar="A", help=_BOARD_HELP)],
    right: Annotated[str, typer.Argument(metavar="B", help=_BOARD_HELP)],
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the columns, types, ids and labels of two boards; exit code 0 same, 1 different."""

    async def work(boards: BoardAccess) -> ExitCode:
        found = await compare(await boards.find(left), await boards.find(right))
        print_diff(found, as_json=as_json)
        return ExitCode.SYNCED if found.same else ExitCode.RECORDS_FAILED

    with_boards(config, profile, work, as_json=as_json)


@board.command()
def setup(
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    like: Annotated[
        str | None,
        typer.Option("--like", metavar="BOARD", help="Make what this board has, with its labels."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be made, make nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Make it without asking.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the columns that the profile's mapping names and its board lacks."""

    async def work(boards: BoardAccess) -> ExitCode:
        model = await boards.find(like) if like is not None else None
        plan = await setup_plan(boards.own, boards.profile, model)
        if not as_json:
            print_plan(plan)
        if dry_run or plan.complete:
            if as_json:
                print_json(plan_json(plan))
            return ExitCode.SYNCED
        _confirm(boards, plan, yes=yes)
        clock = SystemClock()
        report = await BoardSetup(boards.own.client, Governor(clock), clock).apply(plan)
        if as_json:
            print_json(report_json(report))
        else:
            print_report(report)
        return _exit_code(report)

    with_boards(config, profile, work, as_json=as_json)


def _confirm(boards: BoardAccess, plan: BoardSetupPlan, *, yes: bool) -> None:
    """Ask before a production board is changed. Raises ConfigurationError where nobody can answer."""
    if yes or boards.profile.kind is not ProfileKind.PRODUCTION:
        return
    if not sys.stdin.isatty():
        raise ConfigurationError(
            Problem(
                "confirmation_needed",
                "Nobody is there to confirm the change of a production board",
                f"profile {boards.profile.name}",
                "Look at it with --dry-run, then run it with --yes.",
            )
        )
    where = f"the PRODUCTION board '{plan.board_name}' ({boards.profile.badge})"
    if not typer.confirm(f"Make {len(plan.steps)} columns on {where}?", default=False, err=True):
        messages.print("Nothing was made.")
        raise typer.Exit(ExitCode.USAGE.value)


def _exit_code(report: BoardSetupReport) -> ExitCode:
    if report.stopped is not None:
        return ExitCode.UNREACHABLE
    return ExitCode.SYNCED if report.complete else ExitCode.RECORDS_FAILED
