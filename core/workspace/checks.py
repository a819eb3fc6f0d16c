"""`deltadesk check`: database, token, board, columns and permissions, each with a remedy when it fails."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from core.config.model import MappingSet
from core.errors import DeltaDeskError, ExitCode, Problem
from core.mapping.findings import Severity
from core.monday.board import Board, BoardSchema
from core.workspace.data_check import DataCheck, counted
from core.workspace.mapping_findings import MappingFinding, Place

_OF_VALUES = frozenset({"values", "labels"})
"""Names of the results of a check of values."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    problem: Problem | None = None
    exit_code: ExitCode = ExitCode.USAGE
    """How a command ends because of it, when it is not ok."""
    place: Place | None = None
    """The setting in the configuration file that it is about, where it is one."""
    refused: int | None = None
    """Of the totals of a check of values: how many records the board would refuse."""


async def attempt(name: str, look: Callable[[], Awaitable[str]]) -> CheckResult:
    """Look at one thing; an expected failure becomes a result."""
    try:
        return CheckResult(name, ok=True, detail=await look())
    except DeltaDeskError as error:
        return CheckResult(
            name, ok=False, detail=error.problem.title, problem=error.problem, exit_code=error.exit_code
        )


def board_checks(
    schema: BoardSchema, mapping: MappingSet, findings: Sequence[MappingFinding]
) -> Iterator[CheckResult]:
    """Everything that the board's structure tells; `findings` are those of the mapping."""
    items, subitems = schema.items, schema.subitems
    structure = f"{len(items.columns)} columns, {len(items.groups)} groups"
    yield CheckResult("board", ok=True, detail=f"{items.name}: {structure}{_used(items)}")
    if items.hierarchy_type != "classic":
        yield _failed(
            "hierarchy",
            Problem(
                "multi_level_board",
                "The board has several levels of subitems, which DeltaDesk does not write yet",
                f"board {items.name}",
                "Use a classic board.",
            ),
        )
    if subitems is None:
        yield _failed(
            "subitems",
            Problem(
                "no_subitems_board",
                "The board has no subitems column",
                f"board {items.name}",
                "Add a subitems column to the board (a first subitem made by hand does it).",
            ),
        )
    else:
        yield CheckResult(
            "subitems", ok=True, detail=f"{subitems.name}: {len(subitems.columns)} columns{_used(subitems)}"
        )
    if items.access_level == "edit":
        yield CheckResult("permissions", ok=True, detail="the token's user may edit the board")
    else:
        yield _failed(
            "permissions",
            Problem(
                "board_read_only",
                "The token's user may only look at the board",
                f"board {items.name}",
                "Ask the board's owner to let this user edit it.",
            ),
        )
    yield from (_mapping_result(finding) for finding in findings)
    if not any(finding.severity is Severity.ERROR for finding in findings):
        yield CheckResult(
            "mapping", ok=True, detail=f"{len(mapping.items)} item and {len(mapping.subitems)} subitem rules"
        )


def data_checks(data: DataCheck) -> Iterator[CheckResult]:
    """What a check of values found: the totals, each rule that is broken, labels that would be created."""
    yield CheckResult(
        "values",
        ok=data.ok,
        detail=data.words,
        exit_code=ExitCode.RECORDS_FAILED,
        refused=data.refused,
    )
    for finding in data.findings:
        labels = ", ".join(sample.label for sample in finding.samples)
        more = ", …" if finding.count > len(finding.samples) else ""
        detail = f"{finding.records}: {finding.samples[0].message} ({labels}{more})"
        problem = Problem(finding.code, finding.samples[0].message, labels, finding.remedy)
        ok = finding.severity is Severity.WARNING
        yield CheckResult("values", ok, detail, problem, ExitCode.RECORDS_FAILED)
    for each in data.new_labels:
        some = ", ".join(each.samples) + (", …" if each.count > len(each.samples) else "")
        problem = Problem(
            "labels_created",
            each.words,
            f"column {each.column_title}",
            "Correct the values that are misspelled before you push: a label stays on the board.",
        )
        detail = f"{each.words} in {each.column_title}: {some}"
        yield CheckResult("labels", ok=True, detail=detail, problem=problem)


def heading(results: Sequence[CheckResult]) -> str:
    """One line over the results of a check: of the profile, of its values, or of both."""
    wrong = [result for result in results if not result.ok]
    noted = sum(result.ok and result.problem is not None for result in results)
    notes = f", {noted} worth knowing" if noted else ""
    totals = next((result for result in wrong if result.refused is not None), None)
    if totals is not None:
        causes = counted(len(wrong) - 1, "cause")
        told = f"{causes}, {counted(totals.refused or 0, 'record')} would be refused{notes}"
        # Values are looked at only then, and where they are shown alone nothing else says so.
        alone = all(result.name in _OF_VALUES for result in results)
        return f"{told}. The profile's own checks passed." if alone else told
    if wrong:
        return f"{len(wrong)} of {len(results)} checks failed{notes}"
    return f"Everything is as it must be{notes}"


def _used(board: Board) -> str:
    """How much of a board's limit is used, where the API tells both figures."""
    if board.items_count is None or board.items_limit is None:
        return ""
    return f", {board.items_count:,} of {board.items_limit:,} items"


def _failed(name: str, problem: Problem) -> CheckResult:
    return CheckResult(name, ok=False, detail=problem.title, problem=problem)


def _mapping_result(finding: MappingFinding) -> CheckResult:
    return CheckResult(
        "mapping",
        finding.severity is Severity.WARNING,
        finding.message,
        finding.problem,
        place=finding.place,
    )
