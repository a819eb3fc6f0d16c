"""What `deltadesk check` says about a board and a mapping, and how it ends."""

from dataclasses import replace

import pytest

from core.errors import BoardError, ExitCode, Problem, StoreError
from core.mapping.findings import Severity
from core.orders.model import RecordKind
from core.workspace.check_columns import check_columns
from core.workspace.checks import CheckResult, attempt, board_checks, data_checks, heading
from core.workspace.data_check import DataCheck, DataFinding, DataSample, NewLabels

PROBLEM = Problem("code", "It is away", "there", "Look for it.")


@pytest.fixture
async def schema(workspace):
    return await workspace.board()


def checked(schema, mapping):
    return list(board_checks(schema, mapping, check_columns(mapping, schema)))


def failed(results) -> dict[str, Problem]:
    return {result.name: result.problem for result in results if not result.ok}


async def test_a_sound_profile_passes(workspace):
    results = await workspace.check()
    assert failed(results) == {}
    assert {"database", "api", "board", "subitems", "permissions", "mapping"} <= {r.name for r in results}


async def test_a_look_that_succeeds_tells_what_was_seen():
    async def look() -> str:
        return "469 orders"

    assert await attempt("database", look) == replace(await attempt("database", look), detail="469 orders")
    assert (await attempt("database", look)).ok


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreError(PROBLEM), ExitCode.UNREACHABLE),
        (BoardError(PROBLEM), ExitCode.UNREACHABLE),
        (BoardError(PROBLEM, exit_code=ExitCode.USAGE), ExitCode.USAGE),
    ],
)
async def test_a_look_that_fails_keeps_the_problem_and_the_exit_code(error, code):
    async def look() -> str:
        raise error

    result = await attempt("api", look)
    assert (result.ok, result.problem, result.exit_code) == (False, PROBLEM, code)


async def test_a_board_of_several_levels_is_not_written_yet(schema, mapping):
    deep = replace(schema, items=replace(schema.items, hierarchy_type="multi_level"))
    assert "classic board" in failed(checked(deep, mapping))["hierarchy"].remedy


async def test_a_board_without_subitems_says_how_to_get_them(schema, mapping):
    problems = failed(checked(replace(schema, subitems=None), mapping))
    assert "subitems column" in problems["subitems"].remedy


async def test_a_board_that_may_only_be_looked_at_says_whom_to_ask(schema, mapping):
    locked = replace(schema, items=replace(schema.items, access_level="view"))
    assert "owner" in failed(checked(locked, mapping))["permissions"].remedy


async def test_a_rule_for_a_column_that_is_gone_fails_the_mapping(schema, mapping):
    columns = tuple(column for column in schema.items.columns if column.id != "text_handling")
    problems = failed(checked(replace(schema, items=replace(schema.items, columns=columns)), mapping))
    assert "text_handling" in problems["mapping"].title


async def test_a_warning_does_not_fail_the_check(schema, mapping):
    keyless = mapping.model_copy(update={"item_key_column": None})
    results = checked(schema, keyless)
    assert failed(results) == {}
    assert any(result.problem and result.problem.code == "no_key_column" for result in results)


async def test_how_full_the_boards_are_is_told_where_the_api_tells_it(schema, mapping):
    def details(items_count):
        board = replace(schema.items, items_count=items_count, items_limit=10_000)
        return {result.name: result.detail for result in checked(replace(schema, items=board), mapping)}

    assert details(9_990)["board"].endswith("groups, 9,990 of 10,000 items")
    assert details(None)["board"].endswith("groups")


# Values


def finding(code, count, *, kind=RecordKind.LINE, severity=Severity.ERROR):
    samples = (DataSample(kind, "k", "PO-1", f"It is {code}"),)
    return DataFinding(kind, code, severity, "SIZE", "Size", "Correct it.", count, samples)


def values(refused_orders=0, refused_lines=0, *findings, labels=(), orders=3, lines=40):
    return DataCheck(orders, lines, refused_orders, refused_lines, 0, findings, labels)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (values(), "3 orders and 40 lines looked at, none would be refused"),
        (values(0, 1), "3 orders and 40 lines looked at, 1 line would be refused"),
        (values(1, 0, orders=1, lines=1), "1 order and 1 line looked at, 1 order would be refused"),
        (values(1, 2), "3 orders and 40 lines looked at, 1 order and 2 lines would be refused"),
        (values(1, 1), "3 orders and 40 lines looked at, 1 order and 1 line would be refused"),
        (values(orders=1_200, lines=0), "1,200 orders and 0 lines looked at, none would be refused"),
    ],
)
def test_what_a_check_of_values_counts_is_told_in_the_right_number(data, words):
    totals, *_ = data_checks(data)
    assert (totals.detail, totals.ok) == (words, data.ok)


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 label would be created"), (2, "2 labels would be created")]
)
def test_new_labels_are_told_in_the_right_number(count, words):
    *_, labels = data_checks(values(labels=(NewLabels("Style", count, ("A",)),)))
    assert labels.detail.startswith(f"{words} in Style: A")
    assert labels.problem.title == words


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (values(), "Everything is as it must be"),
        (
            values(0, 1, finding("too long", 1)),
            "1 cause, 1 record would be refused. The profile's own checks passed.",
        ),
        (
            values(1, 2, finding("too long", 2), finding("no date", 2), finding("no label", 1)),
            "3 causes, 3 records would be refused. The profile's own checks passed.",
        ),
        (
            values(0, 1, finding("too long", 1), finding("cut", 1, severity=Severity.WARNING)),
            "1 cause, 1 record would be refused, 1 worth knowing. The profile's own checks passed.",
        ),
    ],
)
def test_the_heading_of_a_check_of_values_counts_causes_and_records(data, words):
    assert heading(tuple(data_checks(data))) == words


def test_beside_the_profile_s_own_checks_the_heading_need_not_name_them():
    results = (CheckResult("board", True, "Orders"), *data_checks(values(0, 1, finding("too long", 1))))
    assert heading(results) == "1 cause, 1 record would be refused"


def test_the_heading_of_a_check_of_the_profile_counts_what_failed():
    failing = CheckResult("mapping", False, PROBLEM.title, PROBLEM)
    noted = CheckResult("mapping", True, PROBLEM.title, PROBLEM)
    passed = CheckResult("database", True, "3 orders")
    assert heading((passed, noted, failing)) == "1 of 3 checks failed, 1 worth knowing"
    assert heading((passed, noted)) == "Everything is as it must be, 1 worth knowing"
