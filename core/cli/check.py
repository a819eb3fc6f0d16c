"""`deltadesk check`: the configuration against database and board, and with `--data` every pending value."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Self

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from core.cli.output import console, messages, print_json, print_problem, problem_json
from core.errors import ExitCode
from core.mapping.findings import Severity
from core.orders.model import Selection
from core.workspace import CheckResult, Workspace
from core.workspace.data_check import DataCheck, DataFinding


async def run_check(workspace: Workspace, selection: Selection | None, *, as_json: bool) -> ExitCode:
    """Look at the configuration and, with a selection, at its values; the exit code of the command.

    Values are looked at only where the configuration is sound: else every record would say the same.
    """
    results = await workspace.check()
    failed = [result for result in results if not result.ok]
    code = failed[0].exit_code if failed else ExitCode.SYNCED
    if not as_json:
        print_checks(results)
    data: DataCheck | None = None
    if selection is not None and not failed:
        with OrderBar("Checking values", shown=not as_json) as progress:
            data = await workspace.check_data(selection, progress)
        code = ExitCode.SYNCED if data.ok else ExitCode.RECORDS_FAILED
        if not as_json:
            print_data_check(data)
    elif selection is not None and not as_json:
        messages.print("The values were not looked at: correct the configuration first.")
    if as_json:
        answer: dict[str, Any] = {
            "ok": code is ExitCode.SYNCED,
            "checks": [_result_json(result) for result in results],
            "exit_code": code.value,
        }
        if selection is not None:
            answer["data"] = data_json(data) if data else None
        print_json(answer)
    return code


def print_checks(results: Sequence[CheckResult]) -> None:
    """Each check on a line, and what to do about those that failed or are worth knowing."""
    for result in results:
        noted = result.ok and result.problem is not None
        mark = "[yellow]![/]" if noted else "[green]✓[/]" if result.ok else "[red]✕[/]"
        console.print(f"{mark} {result.name:<12} {escape(result.detail)}")
        if result.problem is not None:
            print_problem(result.problem, note=noted)


def _result_json(result: CheckResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "ok": result.ok,
        "detail": result.detail,
        "problem": problem_json(result.problem) if result.problem else None,
        "place": asdict(result.place) if result.place else None,
    }


def print_data_check(data: DataCheck) -> None:
    """What the board would refuse, rule by rule with samples, and the labels that a run would create."""
    mark = "[green]✓[/]" if data.ok else "[red]✕[/]"
    console.print(f"{mark} {'values':<12} {data.words}")
    if data.held_back_lines:
        wait = "more line waits" if data.held_back_lines == 1 else "more lines wait"
        console.print(f"  {data.held_back_lines:,} {wait} for an order that is refused")
    for finding in data.findings:
        _print_finding(finding)
    for labels in data.new_labels:
        some = ", ".join(labels.samples) + (", …" if labels.count > len(labels.samples) else "")
        console.print(f"[yellow]![/] {labels.words} in {escape(labels.column_title)}: {escape(some)}")


def _print_finding(finding: DataFinding) -> None:
    where = f"{finding.source} -> {finding.column_title}" if finding.column_title else finding.source
    mark = "[red]✕[/]" if finding.severity is Severity.ERROR else "[yellow]![/]"
    console.print(f"\n{mark} {finding.records}: {finding.code}  {escape(where)}")
    for sample in finding.samples:
        console.print(f"    {escape(sample.label)}: {escape(sample.message)}")
    if finding.count > len(finding.samples):
        console.print(f"    … and {finding.count - len(finding.samples):,} more")
    console.print(f"  [bold]What to do:[/] {escape(finding.remedy)}")


def data_json(data: DataCheck) -> dict[str, Any]:
    """The documented JSON object of a check of values."""
    findings = [
        {
            **asdict(finding),
            "kind": finding.kind.value,
            "severity": finding.severity.value,
            "samples": [{**asdict(sample), "kind": sample.kind.value} for sample in finding.samples],
        }
        for finding in data.findings
    ]
    return {**asdict(data), "ok": data.ok, "findings": findings}


class OrderBar:
    """A bar on standard error while orders are worked on; its value is the callback to hand over."""

    def __init__(self, words: str, *, shown: bool) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=messages,
            transient=True,
            disable=not (shown and messages.is_terminal),
        )
        self._task = self._bar.add_task(words, total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        """Show how far the work is."""
        self._bar.update(self._task, completed=done, total=total)
