"""`deltadesk sandbox`: the practice board in the foreground."""

from pathlib import Path

from rich.markup import escape

from core.cli.output import messages
from core.config.token import PRACTICE_TOKEN
from core.demo.practice import demo_folder
from core.errors import ExitCode
from core.resources import resource_path
from core.sandbox.options import Latency, SandboxOptions
from core.sandbox.server import run


def serve(*, port: int, plan: str, state: Path | None, request_ms: float, mutation_ms: float) -> int:
    """Serve until interrupted; the exit code."""
    file = state or demo_folder().board
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        options = SandboxOptions(
            state=file,
            fixture=resource_path("boards", "orders.json"),
            token=PRACTICE_TOKEN,
            port=port,
            plan=plan,
            latency=Latency(request_ms, mutation_ms),
        )
    except (ValueError, OSError) as error:
        return _refused(error)
    messages.print(
        f"Practice board with the state of {file}; the token is '{PRACTICE_TOKEN}'. Ctrl+C ends it."
    )
    try:
        run(options)
    except (OSError, OverflowError) as error:  # the port is taken, out of range, or not for this user
        return _refused(error)
    return ExitCode.SYNCED.value


def _refused(error: Exception) -> int:
    messages.print(f"[bold red]✕ The practice board did not start: {escape(str(error))}[/]")
    messages.print("  [bold]What to do:[/] Correct the options: deltadesk sandbox --help")
    return ExitCode.USAGE.value
