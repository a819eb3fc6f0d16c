"""What every command shares: the options, the exit codes, and one event loop."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.markup import escape

from core.cli.output import messages, print_error
from core.config.load import data_folder, find_configuration, load_configuration
from core.config.model import Configuration
from core.demo.practice import opened_profile
from core.errors import ConfigurationError, DeltaDeskError, ExitCode, Problem
from core.logs import configure_logs
from core.orders.model import Selection, SyncState
from core.sync.control import RunControl
from core.threads import use_few_threads
from core.workspace import Workspace

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="The configuration file. Default: configs/sync_order_list.toml."),
]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="The profile. Default: default_profile of the file.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, nothing else.")]
CustomerOption = Annotated[
    list[str] | None, typer.Option("--customer", help="Only this customer; may be repeated.")
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, help="At most so many orders, oldest first.")
]

Command = Callable[[Workspace], Awaitable[ExitCode]]


def configuration_of(path: Path | None) -> Configuration:
    """The configuration named on the command line, or found in its usual places."""
    return load_configuration(find_configuration(path))


def run_command(work: Awaitable[ExitCode], *, as_json: bool) -> None:
    """Run a coroutine to its end and leave with its exit code; expected failures are printed and logged."""
    _start_logging()

    async def whole() -> ExitCode:
        use_few_threads()
        return await work

    try:
        code = asyncio.run(whole())
    except DeltaDeskError as error:
        structlog.get_logger().warning("CommandFailed", problems=[str(each) for each in error.problems])
        print_error(error, as_json=as_json)
        code = error.exit_code
    except typer.Exit:
        raise
    except typer.Abort:
        code = ExitCode.USAGE
        if as_json:
            print_error(_not_confirmed(), as_json=True)
        else:
            messages.print("Nothing was sent.")
    except Exception as error:  # noqa: BLE001  the last place: it is logged whole and told
        structlog.get_logger().exception("UnexpectedFailure")
        print_error(_unexpected(error), as_json=as_json)
        code = ExitCode.UNREACHABLE
    except KeyboardInterrupt:
        code = ExitCode.UNREACHABLE
        if as_json:
            print_error(_interrupted(), as_json=True)
        else:
            messages.print("Interrupted. Nothing is lost: what was sent is in the journal.")
    raise typer.Exit(code.value)


def _unexpected(error: Exception) -> DeltaDeskError:
    return DeltaDeskError(
        Problem(
            "unexpected",
            f"Something unexpected happened: {type(error).__name__}: {error}",
            "this command",
            f"Nothing is lost. Try again; if it happens again, hand on the log in {data_folder() / 'logs'}.",
        )
    )


def _not_confirmed() -> DeltaDeskError:
    return ConfigurationError(
        Problem(
            "not_confirmed",
            "The question was not answered, and nothing was sent",
            "this command",
            "Add --yes, or look first with --dry-run.",
        )
    )


def _interrupted() -> DeltaDeskError:
    return DeltaDeskError(
        Problem(
            "interrupted",
            "The command was interrupted. Nothing is lost: what was sent is in the journal",
            "this command",
            "Run it again. What an interrupted run has left is sent by: deltadesk run --resume",
        )
    )


def _start_logging() -> None:
    try:
        configure_logs(data_folder() / "logs")
    except OSError as error:
        configure_logs()
        messages.print(f"No log is kept: {escape(str(error))}")


def with_workspace(config: Path | None, profile: str | None, command: Command, *, as_json: bool) -> None:
    """Open the profile, run the command on it, close it."""

    async def work() -> ExitCode:
        async with opened_profile(configuration_of(config), profile) as workspace:
            return await command(workspace)

    run_command(work(), as_json=as_json)


async def selection_of(
    workspace: Workspace,
    customers: Sequence[str] | None,
    limit: int | None,
    *,
    orders: Sequence[str] | None = None,
    failed: bool = False,
) -> Selection:
    """The selection that the options ask for.

    Raises ConfigurationError for a customer that has no orders, or an order that is not in ERROR.
    """
    known = {summary.customer for summary in await workspace.customers()}
    unknown = [name for name in customers or () if name not in known]
    if unknown:
        raise ConfigurationError(
            Problem(
                "unknown_customer",
                f"There are no orders of '{unknown[0]}'",
                "--customer",
                f"Customers with orders: {', '.join(sorted(known)) or 'none'}.",
            )
        )
    if orders:
        await _require_failed(workspace, orders)
    states = (SyncState.ERROR,) if failed else Selection().states
    return Selection(
        tuple(customers) if customers else None,
        tuple(orders) if orders else None,
        limit,
        states,
    )


async def _require_failed(workspace: Workspace, orders: Sequence[str]) -> None:
    failed = await workspace.failed_records()
    keys = {record.key for record in failed} | {record.order_key for record in failed}
    for key in orders:
        if key not in keys:
            raise ConfigurationError(
                Problem(
                    "order_not_in_error",
                    f"No order in ERROR has the record_uuid '{key}'",
                    "--order",
                    "The record_uuids and states are in: deltadesk orders --customer NAME --json",
                )
            )


def stop_on_interrupt(control: RunControl) -> None:
    """The first Ctrl+C asks the run to stop between requests; a second one ends the program."""
    loop = asyncio.get_running_loop()

    def ask() -> None:
        control.stop()
        # Before it is said: a second one, however quick, must find it gone.
        loop.remove_signal_handler(signal.SIGINT)
        messages.print("Stopping after the requests under way. Press Ctrl+C again to end at once.")

    if sys.platform != "win32":
        loop.add_signal_handler(signal.SIGINT, ask)
