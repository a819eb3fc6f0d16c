import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QMainWindow

from core.config.model import ProfileKind
from core.errors import Problem
from core.monday.board import Board, BoardSchema
from core.monday.documents import Mutation
from core.orders.model import ActionType
from core.orders.run_records import PastRun
from core.sync.plan import Batch, Operation, OperationKind, PlannedLine, PlannedOrder, TargetKind
from core.sync.report import ApiUse, Counts, RunReport, Undone, UndoneBy
from core.sync.undo import UndoPlan
from gui.undoing import NoUndo, UndoPanel, kept_table, undo_run, why_not_undone
from gui.widgets.messages import MessagePanel

AT = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
REPORT = RunReport(
    run_id="run-1",
    profile="demo",
    dry_run=False,
    started_at=AT,
    finished_at=AT,
    orders=Counts(selected=3, created=3),
    lines=Counts(selected=6, created=6),
    customers=(),
    failures=(),
    api=ApiUse(calls=3),
    seconds=8.0,
)
SCHEMA = BoardSchema(Board("100", "Orders", ()), None, "Acme Apparel")
KEPT = Problem(
    "changed_by_hand",
    "Changed by hand on the board: EX-FTY DATE, 1 further subitem",
    "order AAG-3",
    "Nothing, where the change is to stay. Take it back on the board, then say undo again.",
)


def order(key: str, kept: Problem | None = None) -> PlannedOrder:
    operation = Operation(
        OperationKind.UNDO_ITEM,
        TargetKind.ORDER,
        key,
        key,
        "ACME",
        Mutation("archive_item", {"item_id": "9"}),
    )
    lines = (PlannedLine(f"{key}-s", "S", None), PlannedLine(f"{key}-m", "M", None))
    return PlannedOrder(
        key, key, ActionType.INSERT, "9", None if kept else operation, () if kept else lines, kept=kept
    )


def plan(*orders: PlannedOrder, undone_before: int = 0) -> UndoPlan:
    batches = (Batch("ACME", "ACME", None, orders, (), ()),) if orders else ()
    return UndoPlan("demo", "100", "Orders", "", batches=batches, undoes="run-1", undone_before=undone_before)


MIXED = plan(order("AAG-1"), order("AAG-2"), order("AAG-3", KEPT), undone_before=4)


@pytest.fixture
def panel(qtbot, theme):
    def make(shown: UndoPlan, *, production: bool = False) -> UndoPanel:
        made = UndoPanel(None, shown, SCHEMA, REPORT, production=production)
        qtbot.addWidget(made)
        made.open()
        return made

    return make


def words(dialog) -> set[str]:
    return {label.text() for label in dialog.findChildren(QLabel)}


def test_that_the_panel_counts_what_is_archived_and_lists_what_is_kept_with_the_reason(panel) -> None:
    made = panel(MIXED)
    assert {"2 items with 4 lines", "1 order", "4 items, by an earlier undo", "ACME"} <= words(made)
    assert made.archive_button.text() == "Archive 2 items"
    model = made.kept.model()
    assert [model.index(0, column).data() for column in range(4)] == [
        "AAG-3",
        "ACME",
        KEPT.title,
        KEPT.remedy,
    ]


def test_that_the_safe_answer_is_the_default_and_only_the_other_one_archives(panel) -> None:
    made = panel(MIXED)
    assert made.close_button.isDefault()
    answers = []
    made.finished.connect(answers.append)
    made.archive_button.click()
    assert answers == [UndoPanel.DialogCode.Accepted]


def test_that_production_is_warned_about(panel) -> None:
    quiet = panel(MIXED)
    assert quiet.findChildren(MessagePanel) == []
    loud = panel(MIXED, production=True)
    (warning,) = loud.findChildren(MessagePanel)
    assert "Production" in warning.words()


def test_that_there_is_only_a_way_out_where_nothing_can_be_undone(panel) -> None:
    made = panel(plan(order("AAG-3", KEPT)))
    assert made.windowTitle() == "Nothing of this run can be undone"
    assert made.close_button.text() == "Close"
    assert not made.archive_button.isVisible()


def test_that_a_run_that_is_undone_already_is_called_so(panel) -> None:
    assert panel(plan(undone_before=4)).windowTitle() == "This run is undone already"


def of_runs(shown: UndoPlan, count: int) -> UndoPlan:
    runs = [
        PastRun(f"run-{place}", "100", False, "", AT.replace(minute=place), finished=True)
        for place in range(count)
    ]
    return replace(shown, runs=tuple(runs))


def moment(minute: int) -> str:
    return f"{AT.replace(minute=minute).astimezone():%Y-%m-%d %H:%M}"


def test_that_the_panel_says_which_runs_are_undone_together_before_anything_else(panel) -> None:
    made = panel(of_runs(MIXED, 2))
    assert made.windowTitle() == f"Undo the run of {moment(0)} and its resumption?"
    said = words(made)
    assert f"{moment(0)}, which was interrupted, and {moment(1)}, which resumed it" in said
    assert any(text.startswith("These runs are one piece of work") for text in said)
    assert panel(of_runs(MIXED, 3)).windowTitle() == f"Undo the run of {moment(0)} and its resumptions?"


@pytest.mark.parametrize(
    ("shown", "title"),
    [
        (plan(order("AAG-3", KEPT)), "Nothing of these runs can be undone"),
        (plan(undone_before=4), "These runs are undone already"),
        (plan(), "These runs have made no items"),
    ],
)
def test_that_of_runs_that_belong_together_nothing_is_said_about_one_alone(panel, shown, title) -> None:
    assert panel(of_runs(shown, 2)).windowTitle() == title


def test_that_a_single_run_is_not_called_a_piece_of_work(panel) -> None:
    made = panel(of_runs(MIXED, 1))
    assert made.windowTitle() == f"Undo the run of {AT.astimezone():%Y-%m-%d %H:%M}?"
    assert "Runs" not in words(made)


def test_that_the_table_of_kept_orders_keeps_the_rules_of_item_models(qtbot, theme) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    model = kept_table(window)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.sort(1)
    assert model.rowCount() == 0


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (REPORT, None),
        (replace(REPORT, dry_run=True), NoUndo.DRY_RUN),
        (replace(REPORT, undoes="run-0"), NoUndo.UNDO),
        (replace(REPORT, orders=Counts(selected=3, changed=3)), NoUndo.NOTHING_MADE),
        (replace(REPORT, orders=Counts(selected=3, changed=3), resumes="run-0"), None),
        (replace(REPORT, undone=Undone(3, (UndoneBy("run-2", AT, 3),))), NoUndo.UNDONE),
        (replace(REPORT, undone=Undone(3, (UndoneBy("run-2", AT, 2),))), None),
    ],
)
def test_that_only_a_run_that_made_something_is_offered_to_be_undone(report, reason) -> None:
    assert why_not_undone(report) is reason


class OpenProfile:
    """A workspace that has planned this undo."""

    def __init__(self) -> None:
        self.profile = type("Profile", (), {"kind": ProfileKind.DEMO})()
        self.asked: list[str] = []

    async def plan_undo(self, run_id: str) -> UndoPlan:
        self.asked.append(run_id)
        return MIXED

    async def board(self) -> BoardSchema:
        return SCHEMA


@pytest.mark.parametrize("archive", [True, False])
def test_that_the_plan_is_carried_out_only_after_a_yes(qtbot, theme, run_async, archive) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    workspace, started = OpenProfile(), []

    async def answer() -> None:
        undoing = asyncio.ensure_future(undo_run(window, workspace, REPORT, started.append))
        while not (panels := window.findChildren(UndoPanel)):
            await asyncio.sleep(0)
        (panels[0].archive_button if archive else panels[0].close_button).click()
        await undoing

    run_async(answer())
    assert workspace.asked == ["run-1"]
    assert started == ([MIXED] if archive else [])
    assert window.statusBar().currentMessage() == ""
