"""`deltadesk demo`: the whole way on the demo data, headless."""

import shutil
import sys
from pathlib import Path
from typing import Any

from rich.markup import escape

from core.cli.context import configuration_of
from core.cli.output import console, print_json, print_report
from core.config.load import find_configuration, profile_of
from core.config.model import Configuration, Profile
from core.demo.data_wrong import WRONG_ON_PURPOSE
from core.demo.practice import demo_folder, opened_profile, start_afresh, uses_demo_orders
from core.errors import ConfigurationError, ExitCode, Problem
from core.orders.model import Selection
from core.prepare.summary import PrepareSummary
from core.resources import shipped_configuration
from core.sync.control import RunControl
from core.sync.report import RunReport
from core.workspace import Workspace

PROFILE = "demo"
SHOWN_CUSTOMER = "GREYSON CLOTHIERS"


async def run_demo(config: Path | None, *, keep: bool, as_json: bool) -> ExitCode:
    """Push everything pending. Ends with 0 when exactly the rows that are wrong on purpose failed."""
    configuration = _configuration(config)
    _require_practice(profile_of(configuration, PROFILE))
    if not keep:
        prepared = await start_afresh(demo_folder())
        if not as_json:
            _print_prepared(prepared)
    async with opened_profile(configuration, PROFILE) as workspace:
        report = await workspace.run(await workspace.plan(Selection()), RunControl(), lambda _event: None)
        on_board = await workspace.group_contents(SHOWN_CUSTOMER)
        still_wrong = await _in_error(workspace)
    expected = {wrong.key for wrong in WRONG_ON_PURPOSE}
    as_expected = still_wrong == expected and report.balanced and report.stopped is None
    if as_json:
        print_json({**report.to_json(), "demo": _demo_json(on_board, as_expected=as_expected)})
    else:
        _print(report, on_board, as_expected=as_expected)
    return ExitCode.SYNCED if as_expected else ExitCode.RECORDS_FAILED


def _configuration(config: Path | None) -> Configuration:
    try:
        return configuration_of(find_configuration(config))
    except ConfigurationError as error:
        if config is not None or error.problem.code != "configuration_missing":
            raise
        return configuration_of(shipped_configuration())


def _require_practice(profile: Profile) -> None:
    """The demo pushes without asking, so it must not reach anything but what it made itself."""
    if profile.uses_practice_board and uses_demo_orders(profile):
        return
    raise ConfigurationError(
        Problem(
            "demo_profile_changed",
            "The profile 'demo' no longer leads from the demo's orders to the practice board",
            "api_url and database_url of [profiles.demo]",
            "Put them back, or push with that profile by: deltadesk run --profile demo",
        )
    )


async def _in_error(workspace: Workspace) -> set[str]:
    """Keys of the records in ERROR that carry the fault themselves."""
    return {record.key for record in await workspace.failed_records()}


def _print_prepared(prepared: PrepareSummary) -> None:
    shown = prepared.customers[SHOWN_CUSTOMER]
    console.print(
        f"Fresh demo data: {prepared.staging_rows} rows of the staging table prepared into "
        f"{prepared.orders_written} headers and {prepared.lines_inserted} lines"
    )
    console.print(f"{SHOWN_CUSTOMER}, PO 4755: {shown.orders} headers and {shown.lines} lines prepared")


def _demo_json(on_board: tuple[int, int], *, as_expected: bool) -> dict[str, Any]:
    return {
        "customer": SHOWN_CUSTOMER,
        "items_on_board": on_board[0],
        "subitems_on_board": on_board[1],
        "only_the_wrong_rows_failed": as_expected,
    }


def _print(report: RunReport, on_board: tuple[int, int], *, as_expected: bool) -> None:
    print_report(report)
    items, subitems = on_board
    console.print(f"\n[bold]{SHOWN_CUSTOMER}: {items} items and {subitems} subitems on the board[/]")
    if as_expected:
        console.print(
            f"{len(WRONG_ON_PURPOSE)} rows are wrong on purpose and are left in ERROR, "
            "so that repair can be practised:"
        )
        for wrong in WRONG_ON_PURPOSE:
            console.print(f"  {escape(wrong.order_number or wrong.key)}  {escape(wrong.problem)}")
        console.print(f"See them in the desktop's Failures page: {escape(desktop_command())} --demo")
    else:
        console.print("[bold red]The demo did not go as expected: report this.[/]")


def desktop_command() -> str:
    """How this shell calls the desktop: by name where PATH has it, else by its place beside this program."""
    name = "deltadesk-desktop"
    beside = None if shutil.which(name) else shutil.which(name, path=str(Path(sys.executable).parent))
    if beside is None:
        return name
    place, here = Path(beside), Path.cwd()
    return str(place.relative_to(here) if place.is_relative_to(here) else place)
