import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from core.sync.plan import PlannedRequest, Step
from gui.models.plan_outline import NodeKind, PlanNode
from gui.models.request_tree import NODE_ROLE, RequestTreeModel


def request_node(key: str, count: int = 2) -> PlanNode:
    return PlanNode(
        NodeKind.REQUEST, "Request", count, request=PlannedRequest(key, Step.ITEMS, "ACME", "1", ())
    )


def customer_node(name: str, *requests: str) -> PlanNode:
    items = PlanNode(NodeKind.STEP, "Items", len(requests), tuple(request_node(key) for key in requests))
    unsent = PlanNode(
        NodeKind.UNSENT,
        "Not sent",
        1,
        (PlanNode(NodeKind.UNSENT_RECORD, "AAG-9", 0, key=f"{name}-9", reasons=("No such label.",)),),
    )
    return PlanNode(NodeKind.CUSTOMER, name, 1_234, (items, unsent))


@pytest.fixture
def model(qapp) -> RequestTreeModel:
    tree = RequestTreeModel()
    tree.tester = QAbstractItemModelTester(tree, QAbstractItemModelTester.FailureReportingMode.Warning)
    tree.set_nodes((customer_node("ACME", "a", "b"), customer_node("BOLT", "c")))
    return tree


def path_to(index: QModelIndex) -> list[str]:
    path: list[str] = []
    while index.isValid():
        path.insert(0, index.data())
        index = index.parent()
    return path


def test_that_every_node_stands_below_its_own_parent(model) -> None:
    assert path_to(model.find(NodeKind.REQUEST, "c")) == ["BOLT", "Items", "Request"]
    assert path_to(model.find(NodeKind.UNSENT_RECORD, "ACME-9")) == ["ACME", "Not sent", "AAG-9"]
    assert model.find(NodeKind.REQUEST, "b").row() == 1


def test_that_the_first_of_a_kind_is_found_without_a_key(model) -> None:
    assert model.find(NodeKind.REQUEST).data(NODE_ROLE).request.key == "a"
    assert not model.find(NodeKind.FINDINGS).isValid()
    assert not model.find(NodeKind.REQUEST, "z").isValid()


def test_that_an_unsent_record_tells_why_in_its_tooltip(model) -> None:
    index = model.find(NodeKind.UNSENT_RECORD, "ACME-9")
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "No such label."
    assert index.siblingAtColumn(1).data() == ""


def test_that_another_plan_replaces_the_tree(model) -> None:
    model.set_nodes((customer_node("CORE", "d"),))
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["CORE"]
    model.set_nodes(())
    assert model.rowCount() == 0
