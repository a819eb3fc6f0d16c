"""`deltadesk run` and `deltadesk retry`: ask, carry out, report."""

import sys

import structlog
import typer

from core.cli.context import stop_on_interrupt
from core.cli.output import messages, print_json, print_report
from core.cli.progress import ProgressBars
from core.config.model import ProfileKind
from core.errors import ConfigurationError, ExitCode, Problem
from core.sync.control import RunControl
from core.sync.events import RequestAnswered, RunEvent, RunStarted, Waiting
from core.sync.plan import Plan
from core.workspace import Workspace


def confirm(workspace: Workspace, plan: Plan, *, yes: bool) -> None:
    """Ask before a live push. Raises ConfigurationError where nobody can answer."""
    if yes or not (plan.order_count or plan.line_count):
        return
    if not sys.stdin.isatty():
        raise ConfigurationError(
            Problem(
                "not_confirmed",
                "A live push must be confirmed, and nobody is there to ask",
                f"profile {workspace.profile.name}",
                "Add --yes, or look first with --dry-run.",
            )
        )
    loud = "PRODUCTION board" if workspace.profile.kind is ProfileKind.PRODUCTION else "board"
    question = (
        f"Push {plan.order_count} orders with {plan.line_count} lines to the {loud} "
        f"'{plan.board_name}' ({workspace.profile.badge})?"
    )
    if not typer.confirm(question, default=False, err=True):
        messages.print("Nothing was sent.")
        raise typer.Exit(ExitCode.USAGE.value)


async def execute(workspace: Workspace, plan: Plan, *, dry_run: bool, as_json: bool) -> ExitCode:
    """Carry out a plan with progress on standard error and the report on standard output."""
    control = RunControl()
    stop_on_interrupt(control)
    log = structlog.get_logger()
    with ProgressBars(shown=not as_json and messages.is_terminal) as bars:

        def emit(event: RunEvent) -> None:
            bars.read(event)
            if isinstance(event, RunStarted | RequestAnswered | Waiting):
                log.info(type(event).__name__, detail=repr(event))

        report = await workspace.run(plan, control, emit, dry_run=dry_run)
    log.info("RunFinished", run_id=report.run_id, exit_code=report.exit_code.value)
    if as_json:
        print_json(report.to_json())
    else:
        print_report(report)
    return report.exit_code
