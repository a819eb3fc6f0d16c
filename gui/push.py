"""What a push will do, in the words of the panel that asks before it."""

from core.config.model import ProfileKind
from core.monday.board import BoardSchema
from core.sync.plan import Plan
from core.workspace import Workspace
from gui.widgets.tables import number_text


def needs_confirmation(workspace: Workspace) -> bool:
    """Whether a push of this profile asks first: what reaches production stays there."""
    return workspace.profile.kind is ProfileKind.PRODUCTION


def count_words(count: int, singular: str) -> str:
    """A count and its noun: 1 order, 69 orders."""
    return f"{number_text(count)} {singular}{'' if count == 1 else 's'}"


def sendable_orders(plan: Plan) -> int:
    """Orders of which something will be sent: themselves or their lines."""
    return sum(
        not order.blocked
        and (order.operation is not None or any(line.operation is not None for line in order.lines))
        for batch in plan.batches
        for order in batch.orders
    )


def push_facts(plan: Plan, schema: BoardSchema) -> list[tuple[str, str]]:
    """Board, account, customers, orders, lines, new groups, new labels, forecast."""
    forecast = plan.forecast
    facts = [
        ("Board", plan.board_name),
        ("Account", schema.account or "unnamed"),
        ("Customers", some([batch.customer for batch in plan.batches])),
        ("Orders", number_text(sendable_orders(plan))),
        ("Lines", number_text(plan.line_count)),
        ("New groups", some(plan.new_groups) or "none"),
        ("New labels", some([f"{label} ({column})" for column, label in plan.new_labels]) or "none"),
        (
            "Forecast",
            " · ".join(
                (
                    forecast.calls_text,
                    f"{forecast.complexity / 1e6:.2f} M complexity",
                    f"about {forecast.seconds:.0f} s",
                )
            ),
        ),
    ]
    refused = [finding for finding in plan.findings if finding.blocks]
    if refused:
        facts.append(("Left out", f"{count_words(len(refused), 'finding')}: see Preview"))
    warning = next((finding for finding in plan.findings if not finding.blocks), None)
    if warning is not None:
        facts.append(("Warning", f"{warning.label}: {warning.message}"))
    if forecast.is_short:
        facts.append(("Calls", forecast.warning))
    return facts


def some(names: list[str] | tuple[str, ...], most: int = 5) -> str:
    """The names, the first few of many."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
