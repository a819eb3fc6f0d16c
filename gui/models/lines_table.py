"""The lines of one order: size, quantity, state, subitem."""

from core.config.model import EngineColumns
from core.mapping.source_values import as_text, parse_number
from core.orders.model import OrderLine, SyncState
from gui.models.order_columns import STATE_WORDS
from gui.models.record_table import RecordTable, TableColumn
from gui.widgets.states import State, state_color, state_icon
from gui.widgets.tables import number_text


def line_state(line: OrderLine) -> State:
    """Return the word for a line's state; a pending line without its order's item waits for it."""
    return STATE_WORDS[line.state]


def lines_table(columns: EngineColumns) -> RecordTable[OrderLine]:
    """Return a table of lines whose size and quantity stand in the given source columns."""

    def size(line: OrderLine) -> str:
        return as_text(line.values.get(columns.size_code))

    def quantity(line: OrderLine) -> str:
        value = line.values.get(columns.qty)
        return number_text(value) if isinstance(value, int) else as_text(value)

    return RecordTable[OrderLine](
        (
            # Sizes keep the table's order until another column is clicked: S, M, L, not L, M, S.
            TableColumn("Size", size),
            TableColumn(
                "Quantity",
                quantity,
                sort_key=lambda line: parse_number(line.values.get(columns.qty)) or 0,
                number=True,
            ),
            TableColumn(
                "State",
                line_state,
                icon=lambda line: state_icon(line_state(line)),
                color=lambda line: state_color(line_state(line)),
            ),
            TableColumn("Subitem", lambda line: line.subitem_id or ""),
            TableColumn(
                "Message",
                lambda line: line.error or "" if line.state is SyncState.ERROR else "",
                color=lambda line: state_color(line_state(line)),
            ),
        )
    )
