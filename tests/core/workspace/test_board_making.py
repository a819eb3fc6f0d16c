"""A board's missing columns, made at the practice board."""

import pytest

from core.demo.testing import ITEMS_BOARD
from core.errors import BoardError
from core.mapping.findings import Severity
from core.monday.structure import by_hand
from core.workspace import Workspace
from core.workspace.board_diff import DifferenceKind
from core.workspace.board_making import COLUMNS_PER_REQUEST


@pytest.fixture
async def production(desk, add_profile, bare_board):
    """A profile like the desk's own with an empty board, open."""
    add_profile("fresh", f'board_id = "{bare_board}"')
    opened = await Workspace.open(desk.configuration, "fresh", clock=desk.clock)
    yield opened
    await opened.close()


async def test_an_empty_board_becomes_like_the_demo_s(production, desk):
    plan = await production.board_setup_plan(ITEMS_BOARD)
    report = await production.apply_board_setup(plan)
    assert report.complete
    assert report.stopped is None
    assert len(report.made) == len(plan.steps)
    found = await production.diff(ITEMS_BOARD)
    left = {(each.kind.value, each.title) for each in found.differences if each.kind.value != "id"}
    # What stays is what a person has to add, and the columns that a new subitems board brings along.
    model = await production._client.board_schema(ITEMS_BOARD)
    expected = {
        ("only_right", column.title)
        for board in (model.items, model.subitems)
        for column in board.columns
        if by_hand(column.type) is not None
    }
    assert left - {("only_left", title) for title in ("Owner", "Status", "Date")} == expected


async def test_nothing_is_left_to_make_after_a_setup(production):
    await production.apply_board_setup(await production.board_setup_plan(ITEMS_BOARD))
    assert (await production.board_setup_plan(ITEMS_BOARD)).steps == ()


async def test_ids_that_could_be_kept_are_kept_and_the_others_are_printed(production, desk, add_profile):
    plan = await production.board_setup_plan(ITEMS_BOARD)
    report = await production.apply_board_setup(plan)
    mapping = production.profile.mapping_set
    mapped = {rule.column for rule in (*mapping.items, *mapping.subitems)}
    board = await production.board(refresh=True)
    present = {column.id for column in (*board.items.columns, *board.subitems.columns)}
    lines = dict(line.split(" = ") for line in report.column_ids)
    assert mapped == (mapped & present) | set(lines)
    assert not set(lines) & present


async def test_with_the_printed_ids_the_mapping_fits_the_new_board(production, desk, bare_board):
    report = await production.apply_board_setup(await production.board_setup_plan(ITEMS_BOARD))
    text = desk.configuration_file.read_text(encoding="utf-8")
    lines = "\n".join(("[profiles.fresh.column_ids]", *report.column_ids))
    desk.configuration_file.write_text(f"{text}\n{lines}\n", encoding="utf-8")
    opened = await Workspace.open(desk.configuration, "fresh", clock=desk.clock)
    try:
        findings = await opened.check_mapping(opened.profile.mapping_set)
        assert [each for each in findings if each.severity is Severity.ERROR] == []
        mapping = desk.configuration.profiles["practice"].mapping_set
        mapped = {rule.column for rule in (*mapping.items, *mapping.subitems)}
        differences = (await opened.diff("practice")).differences
        assert not mapped & {each.right for each in differences if each.kind is DifferenceKind.ID}
        assert (await opened.board_setup_plan()).complete
    finally:
        await opened.close()


async def test_the_mapping_alone_makes_every_column_it_names(production):
    plan = await production.board_setup_plan()
    report = await production.apply_board_setup(plan)
    mapping = production.profile.mapping_set
    assert report.complete
    assert len(report.made) == len(mapping.items) + len(mapping.subitems) + 1
    assert (await production.board_setup_plan()).complete


async def test_many_columns_share_a_request(production, desk):
    plan = await production.board_setup_plan(ITEMS_BOARD)
    desk.board.forget_requests()
    await production.apply_board_setup(plan)
    items = sum(step.side == "items" and step.column.type != "subtasks" for step in plan.steps)
    subitems = sum(step.side == "subitems" for step in plan.steps)
    portions = -(-items // COLUMNS_PER_REQUEST) + -(-subitems // COLUMNS_PER_REQUEST) + 1
    assert len(desk.mutations) == portions


async def test_progress_is_told(production):
    plan = await production.board_setup_plan()
    told: list[tuple[int, int]] = []
    await production.apply_board_setup(plan, lambda made, total: told.append((made, total)))
    assert told[-1] == (len(plan.steps), len(plan.steps))
    assert told == sorted(told)


# --- Faults


async def test_a_lost_answer_makes_no_column_twice(production, desk):
    plan = await production.board_setup_plan(ITEMS_BOARD)
    desk.board.faults.add("drop_answer", operation="create_column", times=2)
    report = await production.apply_board_setup(plan)
    assert report.complete
    board = await production.board(refresh=True)
    made = [column for column in (*board.items.columns, *board.subitems.columns) if column.type != "name"]
    # A new subitems board brings three columns along.
    assert len(made) == len(plan.steps) + 3
    assert desk.clock.waits


async def test_a_passing_fault_is_waited_out(production, desk):
    plan = await production.board_setup_plan()
    desk.board.faults.add("status", status=503, operation="create_column", times=2)
    report = await production.apply_board_setup(plan)
    assert report.complete
    assert desk.clock.waits


async def test_a_fault_that_stays_ends_the_setup_with_what_to_do(production, desk):
    plan = await production.board_setup_plan()
    desk.board.faults.add("status", status=503, operation="create_column", times=None)
    report = await production.apply_board_setup(plan)
    assert not report.complete
    assert report.stopped is not None
    assert "deltadesk board setup again" in report.stopped.remedy
    assert report.not_tried


async def test_a_column_that_the_board_refuses_does_not_hold_the_others_up(production, desk):
    plan = await production.board_setup_plan()
    desk.board.faults.add(
        "alias_error",
        operation="create_column",
        alias=3,
        code="InvalidArgumentException",
        message="no such thing",
        times=None,
    )
    report = await production.apply_board_setup(plan)
    assert report.failed
    assert len(report.made) + len(report.failed) + len(report.not_tried) == len(plan.steps)
    assert "by hand" in report.failed[0].problem.remedy


async def test_the_id_of_a_deleted_column_is_replaced_by_one_of_the_service(production, desk):
    plan = await production.board_setup_plan()
    desk.board.faults.add(
        "alias_error",
        operation="create_column",
        alias=0,
        code="InvalidArgumentException",
        message="This id was used before",
        nth=2,  # the first one makes the subitems
    )
    report = await production.apply_board_setup(plan)
    assert report.complete
    first = next(step for step in plan.steps if step.column.type not in {"subtasks", "status", "dropdown"})
    made = next(made for made in report.made if made.title == first.column.title)
    assert made.column_id != first.column.id
    assert f'{first.in_set} = "{made.column_id}"' in report.column_ids


async def test_a_user_who_may_not_change_the_board_is_told_at_once(production, desk):
    plan = await production.board_setup_plan()
    desk.board.faults.add(
        "alias_error",
        operation="create_column",
        alias=0,
        code="UserUnauthorizedException",
        message="You have no permission to change the structure",
        times=None,
    )
    report = await production.apply_board_setup(plan)
    assert report.stopped is not None
    assert "board's owner" in report.stopped.remedy


async def test_a_board_that_cannot_be_read_is_no_setup(production, desk):
    plan = await production.board_setup_plan()
    desk.board.faults.add("status", status=401, times=None)
    with pytest.raises(BoardError, match="refuses the token"):
        await production.apply_board_setup(plan)
