"""`deltadesk run` and `deltadesk retry`: ask, carry out, report."""

import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

import structlog
import typer
from rich.markup import escape

from core.cli.context import stop_on_interrupt
from core.cli.output import counted, messages, print_json, print_report
from core.cli.preview import forecast_json, print_forecast
from core.cli.progress import ProgressBars
from core.config.model import ProfileKind
from core.errors import ConfigurationError, ExitCode, Problem
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.events import RequestAnswered, RunEvent, RunStarted, Waiting
from core.sync.forecast import Forecast
from core.sync.plan import Plan
from core.sync.report import RunReport, merged
from core.workspace import Workspace

PORTION = 100
"""Orders that a worker takes from the shared queue at once, unless --portion says otherwise."""
_CUSTOMERS_NAMED = 5
"""A question that names all of many customers is not read."""


CarryOut = Callable[[RunControl, Callable[[RunEvent], None]], Awaitable[RunReport]]


def import_where_asked(workspace: Workspace, *, bulk: bool | None) -> None:
    """Let the command line decide about bulk import in place of the profile; None leaves it as it is."""
    if bulk is not None:
        way = "always" if bulk else "never"
        workspace.profile = workspace.profile.model_copy(update={"bulk_import": way})


def confirm(workspace: Workspace, plan: Plan, *, yes: bool) -> None:
    """Ask before a live push. Raises ConfigurationError where nobody can answer."""
    _tell_if_short(plan.forecast)
    if yes or not (plan.order_count or plan.line_count):
        return
    whose = _of_customers({batch.customer: len(batch.orders) for batch in plan.batches})
    what = f"{counted(plan.order_count, 'order')} with {counted(plan.line_count, 'line')}{whose}"
    _ask(workspace, f"Push {what} to the {_board_word(workspace)} '{plan.board_name}'")


def _ask(workspace: Workspace, question: str, note: str = "") -> None:
    """Leave the program unless a person says yes. Raises ConfigurationError where nobody can answer."""
    if not sys.stdin.isatty():
        raise nobody_to_ask(workspace)
    if not typer.confirm(f"{question} ({workspace.profile.badge})?{note}", default=False, err=True):
        messages.print("Nothing was sent.")
        raise typer.Exit(ExitCode.USAGE.value)


def _board_word(workspace: Workspace) -> str:
    return "PRODUCTION board" if workspace.profile.kind is ProfileKind.PRODUCTION else "board"


def _of_customers(orders: Mapping[str, int]) -> str:
    """Whose orders they are, as in ` of ACME`; of several with how many each has, the first few by name."""
    names = {name or "no customer": count for name, count in orders.items() if count}
    if len(names) == 1:
        return f" of {next(iter(names))}"
    if not names:
        return ""
    named = [f"{name} {count:,}" for name, count in list(names.items())[:_CUSTOMERS_NAMED]]
    more = len(names) - len(named)
    return f" of {len(names)} customers ({', '.join([*named, *([f'{more} more'] if more else [])])})"


async def push(
    workspace: Workspace, selection: Selection, *, dry_run: bool, yes: bool, as_json: bool
) -> ExitCode:
    """Send the selected orders and report; ask before, unless `yes`, or send nothing in a dry run.

    What nobody is asked about need not be planned as a whole first: it is sent in portions.
    """
    if yes and not dry_run:
        stream = await workspace.open_stream(selection)
        _tell_if_short(stream.forecast)
        return await _execute(
            lambda control, emit: workspace.run_stream(stream, control, emit), as_json=as_json
        )
    plan = await workspace.plan(selection)
    if not dry_run:
        confirm(workspace, plan, yes=yes)
    return await execute(workspace, plan, dry_run=dry_run, as_json=as_json)


async def execute(workspace: Workspace, plan: Plan, *, dry_run: bool, as_json: bool) -> ExitCode:
    """Carry out a plan with progress on standard error and the report on standard output.

    Of a dry run the forecast is printed too: nothing else tells what a live run would cost.
    """

    async def carry_out(control: RunControl, emit: Callable[[RunEvent], None]) -> RunReport:
        report = await workspace.run(plan, control, emit, dry_run=dry_run)
        if plan.undoes:  # the journal knows which runs were undone together
            (report,) = await workspace.with_undos([report])
        return report

    return await _execute(
        carry_out,
        as_json=as_json,
        forecast=plan.forecast if dry_run else None,
    )


async def _execute(carry_out: CarryOut, *, as_json: bool, forecast: Forecast | None = None) -> ExitCode:
    control = RunControl()
    stop_on_interrupt(control)
    log = structlog.get_logger()
    with ProgressBars(shown=not as_json and messages.is_terminal) as bars:

        def emit(event: RunEvent) -> None:
            bars.read(event)
            if isinstance(event, RunStarted | RequestAnswered | Waiting):
                log.info(type(event).__name__, detail=repr(event))

        report = await carry_out(control, emit)
    log.info("RunFinished", run_id=report.run_id, exit_code=report.exit_code.value)
    if as_json:
        print_json(report.to_json() | ({"forecast": forecast_json(forecast)} if forecast else {}))
    else:
        print_report(report)
        if forecast:
            print_forecast(forecast)
    return report.exit_code


async def execute_share(
    workspace: Workspace, selection: Selection, *, portion: int | None, yes: bool, as_json: bool
) -> ExitCode:
    """Work on the shared queue until nothing is left of it, and report the portions as one run.

    `portion` orders are taken at once, the selection's limit in all. Raises as `confirm_share`.
    """
    await confirm_share(workspace, selection, yes=yes)
    control = RunControl()
    stop_on_interrupt(control)
    log = structlog.get_logger()

    def emit(event: RunEvent) -> None:
        if isinstance(event, RunStarted | RequestAnswered | Waiting):
            log.info(type(event).__name__, detail=repr(event))

    reports = await workspace.share(control, emit, size=portion or PORTION, selection=selection)
    if not reports:
        # The whole queue belongs to others, or is empty: an empty run says so in the usual form.
        nothing = await workspace.plan(Selection(order_keys=()))
        reports = [await workspace.run(nothing, control, emit)]
    report = merged(reports)
    if as_json:
        print_json(report.to_json())
    else:
        print_report(report)
    return report.exit_code


def _tell_if_short(forecast: Forecast) -> None:
    if forecast.is_short:
        messages.print(f"[yellow]! {escape(forecast.warning)}[/]")


async def confirm_share(workspace: Workspace, selection: Selection, *, yes: bool) -> None:
    """Ask before a live push beside other workers, where anything waits for it.

    Raises ConfigurationError where nobody can answer, StoreError.
    """
    waiting = [] if yes else await workspace.shared_orders(selection)
    if not waiting:
        return
    whose = _of_customers(Counter(order.customer for order in waiting))
    orders = counted(len(waiting), "order")
    if selection.limit is not None and selection.limit < len(waiting):
        what = f"at most {selection.limit:,} of {orders}{whose}"
    else:
        what = f"{orders} with {counted(sum(order.lines for order in waiting), 'line')}{whose}"
    rest = ", the rest of the interrupted run," if selection.resumes else ""
    note = " Other workers may take some of them."
    _ask(workspace, f"Push {what}{rest} to the {_board_word(workspace)}", note)


def nobody_to_ask(workspace: Workspace, what: str = "A live push") -> ConfigurationError:
    """The error where something must be confirmed and nobody is at the terminal."""
    return ConfigurationError(
        Problem(
            "not_confirmed",
            f"{what} must be confirmed, and nobody is there to ask",
            f"profile {workspace.profile.name}",
            "Add --yes, or look first with --dry-run.",
        )
    )
