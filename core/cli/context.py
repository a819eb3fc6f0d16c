"""What every command shares: the options, the exit codes, and one event loop."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from core.cli.output import messages, print_error
from core.config.load import find_configuration, load_configuration
from core.config.model import Configuration
from core.demo.practice import opened_profile
from core.errors import ConfigurationError, DeltaDeskError, ExitCode, Problem
from core.logs import configure_logs
from core.orders.model import Selection, SyncState
from core.sync.control import RunControl
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
    """Run a coroutine to its end and leave with its exit code; expected failures are printed."""
    configure_logs()

    async def whole() -> ExitCode:
        return await work

    try:
        code = asyncio.run(whole())
    except DeltaDeskError as error:
        print_error(error, as_json=as_json)
        code = error.exit_code
    except KeyboardInterrupt:
        messages.print("Interrupted. Nothing is lost: what was sent is in the journal.")
        code = ExitCode.UNREACHABLE
    raise typer.Exit(code.value)


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
    """The selection that the options ask for. Raises ConfigurationError for a customer or an order nobody has."""
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
    states = (SyncState.ERROR,) if failed else Selection().states
    return Selection(
        tuple(customers) if customers else None,
        tuple(orders) if orders else None,
        limit,
        states,
    )


def stop_on_interrupt(control: RunControl) -> None:
    """The first Ctrl+C asks the run to stop between requests; a second one ends the program."""
    loop = asyncio.get_running_loop()

    def ask() -> None:
        messages.print("Stopping after the requests under way. Press Ctrl+C again to end at once.")
        control.stop()
        loop.remove_signal_handler(signal.SIGINT)

    if sys.platform != "win32":
        loop.add_signal_handler(signal.SIGINT, ask)
