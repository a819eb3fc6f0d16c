"""`deltadesk sandbox`: the practice board in the foreground."""

from pathlib import Path

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
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        options = SandboxOptions(
            state=file,
            fixture=resource_path("boards", "orders.json"),
            token=PRACTICE_TOKEN,
            port=port,
            plan=plan,
            latency=Latency(request_ms, mutation_ms),
        )
    except ValueError as error:
        messages.print(f"[bold red]✕ {error}[/]")
        return ExitCode.USAGE.value
    messages.print(
        f"Practice board with the state of {file}; the token is '{PRACTICE_TOKEN}'. Ctrl+C ends it."
    )
    run(options)
    return ExitCode.SYNCED.value
