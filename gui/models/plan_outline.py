"""A plan as a person reads it: what is sent in which request, what is not and why. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from core.mapping.findings import Finding
from core.sync.plan import Batch, Plan, PlannedLine, PlannedOrder, PlannedRequest, Step
from gui.models.order_columns import customer_name
from gui.widgets.tables import number_text

UNSENT_SHOWN = 200
"""Orders named under "Not sent"; the findings tell the rest."""

_STEP_WORDS = {Step.GROUPS: "Groups", Step.ITEMS: "Items", Step.SUBITEMS: "Subitems"}


class NodeKind(Enum):
    """What a row of the tree is."""

    CUSTOMER = "customer"
    STEP = "step"
    REQUEST = "request"
    FINDINGS = "findings"
    UNSENT = "unsent"
    UNSENT_RECORD = "unsent record"


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One row of the tree."""

    kind: NodeKind
    title: str
    count: int
    """Records: of a request its aliases, of "Findings" the findings."""
    children: tuple["PlanNode", ...] = ()
    request: PlannedRequest | None = None
    key: str = ""
    """Of a record that is not sent."""
    reasons: tuple[str, ...] = ()
    """Why a record is not sent, and what to do."""
    customer: str = ""


@dataclass(frozen=True, slots=True)
class PlanOutline:
    """What the preview shows besides the requests themselves."""

    nodes: tuple[PlanNode, ...]
    findings: tuple[Finding, ...]
    new_groups: tuple[str, ...]
    new_labels: tuple[tuple[str, str], ...]
    requests: int
    orders_sent: int
    """Orders of which at least one operation leaves."""
    forecast: str
    """One line: calls and what is left of the day's, complexity, time, what is new, findings."""
    warning: str
    """What happens where more calls are needed than are left today; empty where they suffice."""


def outline_of(plan: Plan) -> PlanOutline:
    """Sum a plan up; for a worker thread, since a plan may hold 100,000 orders."""
    findings, new_groups, new_labels = plan.findings, plan.new_groups, plan.new_labels
    requests = sum(1 for _ in plan.requests)
    parts = [
        plan.forecast.calls_text,
        f"{amount_text(plan.forecast.complexity)} complexity",
        about_text(plan.forecast.seconds),
    ]
    for count, word in (
        (len(new_groups), "new group"),
        (len(new_labels), "new label"),
        (len(findings), "finding"),
    ):
        if count:
            parts.append(counted(count, word))
    return PlanOutline(
        nodes=tuple(_nodes(plan)),
        findings=findings,
        new_groups=new_groups,
        new_labels=new_labels,
        requests=requests,
        orders_sent=sum(1 for batch in plan.batches for order in batch.orders if is_sent(order)),
        forecast=" · ".join(parts),
        warning=plan.forecast.warning,
    )


def is_sent(order: PlannedOrder) -> bool:
    """Whether something of an order leaves."""
    # Lines of a blocked order are planned, but they wait for an item that does not come.
    lines_leave = not order.blocked and any(line.operation is not None for line in order.lines)
    return order.operation is not None or lines_leave


def counted(count: int, word: str) -> str:
    """Return "1 request" or "14 requests"."""
    return f"{number_text(count)} {word}" + ("" if count == 1 else "s")


def about_text(seconds: float) -> str:
    """Return a forecast as coarse as it is sure: "about 48 s", "about 7 min"."""
    if seconds < 60:
        return f"about {max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 60 else f"about {minutes // 60} h {minutes % 60:02} min"


def amount_text(points: int) -> str:
    """Return a large number with three figures: "3.87 M", "412 k"; a small one whole."""
    for size, unit in ((1_000_000, "M"), (10_000, "k")):
        if points >= size:
            value = points / (1_000_000 if unit == "M" else 1_000)
            digits = 2 if value < 10 else 1 if value < 100 else 0
            return f"{value:.{digits}f} {unit}"
    return number_text(points)


def _nodes(plan: Plan) -> Iterator[PlanNode]:
    shared = [request for request in plan.group_requests if not request.customer]
    if shared:
        yield PlanNode(NodeKind.STEP, "New groups", _records(shared), _request_nodes(shared))
    for batch in plan.batches:
        own = [request for request in plan.group_requests if request.customer == batch.customer]
        yield _customer_node(batch, own)
    if plan.orphans:
        children = tuple(_unsent(line, line.findings) for line in plan.orphans[:UNSENT_SHOWN])
        yield PlanNode(NodeKind.UNSENT, "Lines without an order", len(plan.orphans), children)


def _customer_node(batch: Batch, group_requests: Sequence[PlannedRequest]) -> PlanNode:
    children: list[PlanNode] = []
    for step, requests in (
        (Step.GROUPS, group_requests),
        (Step.ITEMS, batch.item_requests),
        (Step.SUBITEMS, batch.subitem_requests),
    ):
        if requests:
            children.append(
                PlanNode(NodeKind.STEP, _STEP_WORDS[step], _records(requests), _request_nodes(requests))
            )
    if findings := batch.findings:
        children.append(PlanNode(NodeKind.FINDINGS, "Findings", len(findings), customer=batch.customer))
    if unsent := [order for order in batch.orders if not is_sent(order)]:
        named = tuple(_unsent(order, _reasons_of(order)) for order in unsent[:UNSENT_SHOWN])
        children.append(PlanNode(NodeKind.UNSENT, "Not sent", len(unsent), named))
    sent = _records((*group_requests, *batch.requests))
    return PlanNode(NodeKind.CUSTOMER, customer_name(batch.customer), sent, tuple(children))


def _reasons_of(order: PlannedOrder) -> Iterable[Finding]:
    return (*order.findings, *(finding for line in order.lines for finding in line.findings))


def _unsent(record: PlannedOrder | PlannedLine, findings: Iterable[Finding]) -> PlanNode:
    reasons = tuple(f"{finding.message}. {finding.remedy}" for finding in findings if finding.blocks)
    return PlanNode(
        NodeKind.UNSENT_RECORD,
        record.label,
        0,
        key=record.key,
        reasons=reasons or ("The board already has everything there is to send of it.",),
    )


def _request_nodes(requests: Sequence[PlannedRequest]) -> tuple[PlanNode, ...]:
    many = len(requests)
    return tuple(
        PlanNode(
            NodeKind.REQUEST,
            f"Request {number} of {many}" if many > 1 else "Request",
            len(request.operations),
            request=request,
        )
        for number, request in enumerate(requests, start=1)
    )


def _records(requests: Iterable[PlannedRequest]) -> int:
    return sum(len(request.operations) for request in requests)
