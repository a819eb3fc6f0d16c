import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from core.config.model import ColumnMapping, MappingSet, Profile, ProfileKind
from core.errors import BoardError, Problem
from core.monday.board import Board, BoardSchema, Column, Group
from core.monday.limits import DayCalls
from core.orders.model import ActionType, LoadedOrders, Order, OrderLine, Selection, SyncState
from core.sync.plan import Plan, PlannedRequest, Step
from core.sync.planner import PlanOptions, make_plan
from gui.models.plan_outline import NodeKind
from gui.models.request_tree import NODE_ROLE
from gui.pages.preview import PreviewPage
from gui.pages.request_view import FIELDS, GRAPHQL, VARIABLES
from gui.task_owner import TaskOwner

MAPPING = MappingSet(
    group_name="{CUSTOMER}",
    item_name="{STYLE} {ORDER}",
    subitem_name="{size_code}",
    items=(
        ColumnMapping(column="style", type="text", source="STYLE"),
        ColumnMapping(column="category", type="dropdown", source="CATEGORY"),
        ColumnMapping(column="colour", type="dropdown", source="COLOUR", on_unknown_label="create"),
    ),
    subitems=(ColumnMapping(column="qty", type="numbers", source="qty"),),
)
PROFILE = Profile(
    name="demo",
    kind=ProfileKind.DEMO,
    title="Demo",
    api_url="practice-board",
    token_source="practice-board",
    board_id="100",
    database_url="sqlite://",
    mapping="m",
    mapping_set=MAPPING,
)
SCHEMA = BoardSchema(
    Board(
        "100",
        "Orders",
        (
            Column("name", "Name", "name"),
            Column("style", "Style", "text"),
            Column("category", "Category", "dropdown", {"labels": [{"id": 1, "label": "Tops"}]}),
            Column("colour", "Colour", "dropdown", {"labels": [{"id": 1, "label": "Ecru"}]}),
        ),
        (Group("g1", "ACME"),),
    ),
    Board("101", "Subitems", (Column("name", "Name", "name"), Column("qty", "Qty", "numbers"))),
)


def make_order(number: int, customer: str = "ACME", **values: str) -> Order:
    key = f"{customer}-{number}"
    line = OrderLine(f"{key}-l", key, {"size_code": "XL", "qty": 7}, SyncState.PENDING, ActionType.INSERT)
    every = {"CUSTOMER": customer, "ORDER": str(number), "STYLE": "SW", "CATEGORY": "Tops", "COLOUR": "Ecru"}
    return Order(
        key, customer, f"AAG-{key}", {**every, **values}, SyncState.NEW, ActionType.INSERT, lines=(line,)
    )


class Planner:
    """A workspace that plans given orders against a given board."""

    profile = PROFILE

    def __init__(self, *orders: Order) -> None:
        self.orders = orders
        self.planned: list[Selection] = []
        self.broken: Problem | None = None
        self.day = DayCalls(10_000, 9_412, 8_412, datetime(2026, 11, 24, tzinfo=UTC))

    async def plan(self, selection: Selection) -> Plan:
        if self.broken:
            raise BoardError(self.broken)
        self.planned.append(selection)
        return make_plan(LoadedOrders(self.orders), SCHEMA, PlanOptions("demo", MAPPING, 2, day=self.day))


@dataclass
class Desk:
    """The page, and what it told the window."""

    page: PreviewPage
    tasks: TaskOwner
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    told: dict[str, list[Any]] = field(default_factory=dict)

    def preview(self, planner: Planner, selection: Selection = Selection()) -> None:  # noqa: B008
        self.page.set_workspace(planner)  # type: ignore[arg-type]
        self.run(self.page.show_selection(selection))

    async def settle(self) -> None:
        while self.tasks.running:
            await asyncio.sleep(0.005)

    def choose(self, request: PlannedRequest) -> None:
        self.page._tree.setCurrentIndex(self.page._requests.find(NodeKind.REQUEST, request.key))

    def fields(self) -> list[tuple[str, str, str]]:
        return [(row.source, row.becomes, row.column) for row in self.page.request_view._fields.records]


@pytest.fixture
def desk(qtbot, theme, preferences, run_async) -> Iterator[Desk]:
    bugs: list[BaseException] = []
    tasks = TaskOwner(on_problem=lambda *_: None, on_bug=lambda _name, error: bugs.append(error))
    page = PreviewPage(tasks, preferences)
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    desk = Desk(page, tasks, run_async)
    for name in ("push_requested", "plan_changed"):
        getattr(page, name).connect(desk.told.setdefault(name, []).append)
    yield desk
    assert bugs == []


def titles(model: Any, parent: QModelIndex = QModelIndex()) -> list[Any]:  # noqa: B008
    """The tree as nested lists: [title, count, children]."""
    return [
        [
            model.index(row, 0, parent).data(),
            model.index(row, 1, parent).data(),
            titles(model, model.index(row, 0, parent)),
        ]
        for row in range(model.rowCount(parent))
    ]


def test_that_the_page_asks_for_orders_before_there_is_a_plan(desk) -> None:
    asked: list[bool] = []
    desk.page.orders_requested.connect(lambda: asked.append(True))
    assert desk.page._empty.accessibleName() == "Choose orders and press Preview"
    desk.page._empty.button.click()
    assert asked == [True]
    assert not desk.page.push_button.isEnabled()


def test_that_the_plan_is_shown_by_customer_pass_and_request(desk) -> None:
    planner = Planner(*(make_order(number) for number in (1, 2, 3)), make_order(1, "BOLT"))
    desk.preview(planner, Selection(customers=("ACME", "BOLT")))
    assert planner.planned == [Selection(customers=("ACME", "BOLT"))]
    passes = lambda step, count: [step, str(count), [["Request", str(count), []]]]  # noqa: E731
    assert titles(desk.page._requests) == [
        ["New groups", "1", [["Request", "1", []]]],
        [
            "ACME",
            "6",
            [
                ["Items", "3", [["Request 1 of 2", "2", []], ["Request 2 of 2", "1", []]]],
                ["Subitems", "3", [["Request 1 of 2", "2", []], ["Request 2 of 2", "1", []]]],
            ],
        ],
        ["BOLT", "2", [passes("Items", 1), passes("Subitems", 1)]],
    ]


def test_that_too_few_calls_of_the_day_are_a_warning_and_the_push_is_still_offered(desk) -> None:
    planner = Planner(make_order(1))
    desk.preview(planner)
    assert desk.page.calls_warning.isHidden()
    planner.day = replace(planner.day, left=1_001, usable=1)
    desk.preview(planner)
    assert not desk.page.calls_warning.isHidden()
    assert "DeltaDesk may make 1 more today: 1,001 of 10,000 are left" in desk.page.calls_warning.words()
    assert "stops cleanly" in desk.page.calls_warning.words()
    assert desk.page.push_button.isEnabled()
    desk.page.forget()
    assert desk.page.calls_warning.isHidden()


def test_that_the_head_tells_the_forecast_and_what_is_new(desk) -> None:
    desk.preview(Planner(make_order(1), make_order(1, "BOLT", COLOUR="Coral")))
    assert desk.page._header._subtitle.text().startswith(
        "5 calls; 9,412 of 10,000 are left today · 50.0 k complexity · about "
    )
    assert desk.page._header._subtitle.text().endswith("1 new group · 1 new label")
    assert "New groups: BOLT" in desk.page._new.text()
    assert "Colour \u201cCoral\u201d" in desk.page._new.text()
    assert desk.page.push_button.text() == "Push 2 orders to Demo"


def test_that_the_plan_pushed_is_the_plan_shown(desk) -> None:
    desk.preview(Planner(make_order(1)))
    desk.page.push_button.click()
    assert desk.told["push_requested"] == [desk.page.plan]
    assert desk.page.plan is not None


def test_that_the_first_items_are_shown_first_with_every_field(desk) -> None:
    desk.preview(Planner(make_order(1, "BOLT", STYLE="SW-2001")))
    assert desk.page.request_view.request.step is Step.ITEMS
    assert desk.fields() == [
        ("", "the new group's id", "Group"),
        ("", "SW-2001 1", "Name"),
        ("STYLE", "SW-2001", "Style"),
        ("CATEGORY", "Tops", "Category"),
        ("COLOUR", "Ecru", "Colour"),
    ]


def test_that_the_record_picker_steps_through_the_records(desk) -> None:
    desk.preview(Planner(make_order(1), make_order(2, STYLE="SW-2")))
    view = desk.page.request_view
    assert [view.records.itemText(n) for n in range(2)] == [
        "AAG-ACME-1 · create item",
        "AAG-ACME-2 · create item",
    ]
    assert not view.previous_button.isEnabled()
    view.next_button.click()
    assert ("STYLE", "SW-2", "Style") in desk.fields()
    assert not view.next_button.isEnabled()


def test_that_the_copied_body_is_byte_for_byte_the_request(desk) -> None:
    desk.preview(Planner(make_order(1, "BOLT"), make_order(2, "BOLT", STYLE="É “quoted” 中")))
    for request in desk.page.plan.requests:
        desk.choose(request)
        desk.page.request_view.copy_body()
        assert QGuiApplication.clipboard().text().encode() == request.body


def test_that_document_and_variables_are_shown_and_copied_as_planned(desk) -> None:
    desk.preview(Planner(make_order(1, "BOLT")))
    view, request = desk.page.request_view, desk.page.request_view.request
    view.setCurrentIndex(GRAPHQL)
    assert view.document.code() == request.document
    view.copy_document()
    assert QGuiApplication.clipboard().text() == request.document
    view.setCurrentIndex(VARIABLES)
    assert json.loads(view.variables.code())["group_id"] == {"$ref": "group:BOLT"}
    view.copy_variables()
    assert QGuiApplication.clipboard().text() == request.variables_text


def test_that_only_the_open_tab_is_filled(desk) -> None:
    desk.preview(Planner(make_order(1), make_order(2), make_order(3)))
    view = desk.page.request_view
    assert (view.document.code(), view.variables.code()) == ("", "")
    view.setCurrentIndex(GRAPHQL)
    first = view.document.code()
    desk.choose(desk.page.plan.batches[0].item_requests[1])
    assert view.document.code() != first
    assert view.variables.code() == ""


def test_that_another_request_keeps_the_open_tab(desk) -> None:
    desk.preview(Planner(make_order(1)))
    desk.page.request_view.setCurrentIndex(GRAPHQL)
    desk.choose(desk.page.plan.batches[0].subitem_requests[0])
    assert desk.page.request_view.currentIndex() == GRAPHQL


def test_that_orders_that_are_not_sent_are_listed_with_the_reason(desk) -> None:
    desk.preview(Planner(make_order(1), make_order(2, CATEGORY="Cut & Sew")))
    tree = titles(desk.page._requests)
    assert ["Findings", "1", []] in tree[0][2]
    assert ["Not sent", "1", [["AAG-ACME-2", "", []]]] in tree[0][2]
    desk.page._tree.setCurrentIndex(desk.page._requests.find(NodeKind.UNSENT_RECORD))
    assert desk.page._reasons.isVisible()
    assert "no label 'Cut & Sew'" in desk.page._reasons.words()
    assert desk.page.push_button.text() == "Push 1 order to Demo"


def test_that_findings_are_listed_and_enter_goes_to_the_record(desk) -> None:
    desk.preview(Planner(make_order(1), make_order(2, CATEGORY="Cut & Sew")))
    desk.page._tree.setCurrentIndex(desk.page._requests.find(NodeKind.FINDINGS))
    assert desk.page.request_view.currentWidget() is desk.page.finding_list
    assert "F&indings 1" in desk.page.request_view.tabText(3)
    assert "Cut & Sew" in desk.page.finding_list.panel.words()
    desk.page.finding_list.view.setFocus()
    QTest.keyClick(desk.page.finding_list.view, Qt.Key.Key_Return)
    assert desk.page._tree.currentIndex().data(NODE_ROLE).key == "ACME-2"


def test_that_a_finding_of_a_line_goes_to_its_order(desk) -> None:
    order = make_order(1)
    bad = OrderLine("bad", "ACME-1", {"size_code": "M", "qty": "many"}, SyncState.PENDING, ActionType.INSERT)
    desk.preview(Planner(make_order(2), Order(**{**_fields(order), "lines": (*order.lines, bad)})))
    desk.page.finding_list.choose(desk.page.plan.findings[0])
    desk.page.finding_list.record_wanted.emit(desk.page.plan.findings[0])
    assert desk.page.request_view.currentIndex() == FIELDS
    assert desk.page.request_view.operation.key == "ACME-1"


def _fields(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in Order.__slots__}


def test_that_a_plan_of_nothing_but_findings_cannot_be_pushed(desk) -> None:
    desk.preview(Planner(make_order(1, CATEGORY="Cut & Sew")))
    assert not desk.page.push_button.isEnabled()
    assert "findings" in desk.page.push_button.toolTip()
    assert desk.page.request_view.currentWidget() is desk.page.finding_list


def test_that_a_failed_plan_says_why_and_can_be_tried_again(desk) -> None:
    planner = Planner(make_order(1))
    planner.broken = Problem("no_board", "The board does not answer", "board 100", "Try again in a minute.")
    desk.preview(planner)
    assert desk.page._empty.accessibleName() == "The board does not answer"
    assert "Try again in a minute." in desk.page._empty.accessibleDescription()
    assert desk.page.plan is None
    planner.broken = None

    async def again() -> None:
        desk.page._empty.button.click()
        await desk.settle()

    desk.run(again())
    assert desk.page.plan is not None
    assert desk.told["plan_changed"][-1] is desk.page.plan


def test_that_a_second_selection_wins_over_a_plan_still_being_made(desk) -> None:
    planner = Planner(make_order(1))
    waiting: asyncio.Event | None = None

    class Slow(Planner):
        async def plan(self, selection: Selection) -> Plan:
            if selection.limit == 1:
                await waiting.wait()
            return await planner.plan(selection)

    async def scenario() -> None:
        nonlocal waiting
        waiting = asyncio.Event()
        desk.page.set_workspace(Slow())  # type: ignore[arg-type]
        desk.tasks.start("first", desk.page.show_selection(Selection(limit=1)))
        await asyncio.sleep(0)
        await desk.page.show_selection(Selection(limit=2))
        shown = desk.page.plan
        waiting.set()
        await desk.settle()
        assert desk.page.plan is shown
        assert desk.page._selection == Selection(limit=2)

    desk.run(scenario())


def test_that_a_reload_plans_the_same_selection_again(desk) -> None:
    planner = Planner(make_order(1))
    desk.preview(planner, Selection(customers=("ACME",)))
    desk.run(desk.page.reload())
    assert planner.planned == [Selection(customers=("ACME",))] * 2


def test_that_a_blocked_push_says_why(desk) -> None:
    desk.preview(Planner(make_order(1)))
    desk.page.set_push_blocked("A run is under way")
    assert (desk.page.push_button.isEnabled(), desk.page.push_button.toolTip()) == (
        False,
        "A run is under way",
    )
    desk.page.set_push_blocked("")
    assert desk.page.push_button.isEnabled()


def test_that_another_profile_shows_no_plan(desk) -> None:
    desk.preview(Planner(make_order(1)))
    desk.page.set_workspace(None)
    assert desk.page.plan is None
    assert not desk.page.push_button.isEnabled()
