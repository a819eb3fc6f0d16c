"""`query_params` of items_page: rules, groups of rules, ids and order (reference/items-page-other-types)."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from core.sandbox.cells import CellView
from core.sandbox.errors import FieldError, column_not_found, invalid_argument
from core.sandbox.session import Session
from core.sandbox.structure import Board, Item

BLANK = "$$$blank$$$"
ORDER_BY_TIME = {"__creation_log__": "created_at", "__last_updated__": "updated_at"}
Test = Callable[[Item], bool]


def select_items(items: list[Item], board: Board, query: dict[str, Any], session: Session) -> list[Item]:
    """Return the items that pass the query's ids, rules and groups. Raises FieldError."""
    if query.get("ids") is not None:
        wanted = {str(identifier) for identifier in query["ids"]}
        items = [item for item in items if str(item.id) in wanted]
    test = _all_rules(query, board, session)
    return [item for item in items if test(item)]


def order_items(items: list[Item], board: Board, query: dict[str, Any], session: Session) -> list[Item]:
    """Return the items in the order the query asks for; the first order counts most. Raises FieldError."""
    for order in reversed(query.get("order_by") or []):
        read = _sort_key(order["column_id"], board, session)
        items = sorted(items, key=read, reverse=order.get("direction") == "desc")
    return items


def _sort_key(column_id: str, board: Board, session: Session) -> Callable[[Item], Any]:
    if attribute := ORDER_BY_TIME.get(column_id):
        return lambda item: getattr(item, attribute)
    if column_id == "name":
        return lambda item: item.name.casefold()
    view = _reader(column_id, board, session)
    return lambda item: _sortable(view(item))


def _sortable(view: CellView) -> tuple[bool, float, str]:
    number = _number(view)
    return (view.cell is None, 0.0 if number is None else number, (view.text or "").casefold())


def _reader(column_id: str, board: Board, session: Session) -> Callable[[Item], CellView]:
    column = board.columns.get(column_id)
    if column is None:
        raise column_not_found(column_id)
    cells = session.store.column_cells(board.id, column_id)
    return lambda item: CellView(item, column, cells.get(item.id), session.account)


def _all_rules(group: dict[str, Any], board: Board, session: Session) -> Test:
    tests = [_rule(rule, board, session) for rule in group.get("rules") or []]
    tests += [_all_rules(inner, board, session) for inner in group.get("groups") or []]
    if not tests:
        return lambda _item: True
    combine: Callable[[Iterable[bool]], bool] = any if group.get("operator") == "or" else all
    return lambda item: combine(test(item) for test in tests)


def _rule(rule: dict[str, Any], board: Board, session: Session) -> Test:
    column_id, operator = str(rule["column_id"]), rule.get("operator") or "any_of"
    wanted = rule["compare_value"] if isinstance(rule["compare_value"], list) else [rule["compare_value"]]
    if column_id == "name":
        if operator in {"is_empty", "is_not_empty"}:
            raise invalid_argument("An item's name is never empty; the rule cannot be used")
        return lambda item: _compare(operator, wanted, {item.name}, item.name, None)
    if column_id == "group":
        return lambda item: _compare(operator, wanted, {item.group_id}, item.group_id, None)
    read = _reader(column_id, board, session)
    attribute = rule.get("compare_attribute")
    today, me = session.clock.now().date(), str(session.account.me["id"])

    def passes(item: Item) -> bool:
        view = read(item)
        if operator in {"is_empty", "is_not_empty"}:
            return _is_empty(view, session) == (operator == "is_empty")
        if view.type in {"date", "timeline"}:
            return _compare_dates(operator, wanted, _date(view, attribute), today)
        return _compare(operator, wanted, keys_of(view, me), view.text or "", _number(view))

    return passes


def _is_empty(view: CellView, session: Session) -> bool:
    if view.type == "subtasks":
        return session.store.count_subitems(view.item.id) == 0
    return view.cell is None


KEYS: dict[str, Callable[[Any], Iterable[object]]] = {
    "status": lambda cell: [cell["index"]],
    "dropdown": lambda cell: cell["ids"],
    "people": lambda cell: [f"{entry['kind']}-{entry['id']}" for entry in cell["personsAndTeams"]],
    "board_relation": lambda cell: cell["item_ids"],
    "dependency": lambda cell: cell["item_ids"],
    "tags": lambda cell: cell["tag_ids"],
    "phone": lambda cell: [cell["countryShortName"]],
    "email": lambda cell: [cell["text"]],
    "link": lambda cell: [cell["text"]],
}


def keys_of(view: CellView, me: str) -> set[str]:
    """Return what `any_of` compares with: label ids, linked ids, people, or the text; `me` is a user id."""
    if view.cell is None:
        return {"", BLANK, "-1"}
    if view.type not in KEYS:
        return {view.text or ""}
    keys = {str(key) for key in KEYS[view.type](view.cell)}
    return keys | {"assigned_to_me"} if f"person-{me}" in keys else keys


def _number(view: CellView) -> float | None:
    if view.cell is None:
        return None
    match view.type:
        case "numbers":
            return float(view.cell)
        case "rating":
            return float(view.cell["rating"])
        case _:
            return None


def _date(view: CellView, attribute: str | None) -> date | None:
    if view.cell is None:
        return None
    if view.type == "timeline":
        return date.fromisoformat(view.cell["to" if attribute == "END_DATE" else "from"])
    return date.fromisoformat(view.fields["date"])


TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains_text": lambda text, word: word in text,
    "contains_terms": lambda text, word: all(term in text for term in word.split()),
    "starts_with": lambda text, word: text.startswith(word),
    "ends_with": lambda text, word: text.endswith(word),
}


def _compare(operator: str, wanted: list[Any], keys: set[str], text: str, number: float | None) -> bool:
    if operator in {"any_of", "not_any_of"}:
        if number is None:
            found = not keys.isdisjoint(map(str, wanted))
        else:
            found = any(_same_number(value, keys, number) for value in wanted)
        return found == (operator == "any_of")
    if operator in TEXT_TESTS or operator == "not_contains_text":
        test = TEXT_TESTS.get(operator, TEXT_TESTS["contains_text"])
        found = any(test(text.casefold(), str(value).casefold()) for value in wanted)
        return found == (operator in TEXT_TESTS)
    return number is not None and _in_range(operator, [float(value) for value in wanted], number)


def _same_number(value: Any, keys: set[str], number: float) -> bool:
    if str(value) == BLANK:
        return BLANK in keys
    try:
        return float(value) == number
    except ValueError:
        return False


RANGES: dict[str, Callable[[Any, list[Any]], bool]] = {
    "greater_than": lambda value, wanted: bool(value > wanted[0]),
    "greater_than_or_equals": lambda value, wanted: bool(value >= wanted[0]),
    "lower_than": lambda value, wanted: bool(value < wanted[0]),
    "lower_than_or_equal": lambda value, wanted: bool(value <= wanted[0]),
    "between": lambda value, wanted: bool(wanted[0] <= value <= wanted[-1]),
}


def _in_range(operator: str, wanted: list[Any], value: Any) -> bool:
    if operator not in RANGES or not wanted:
        raise FieldError("InvalidArgumentException", f"The operator {operator} does not fit this column")
    return RANGES[operator](value, wanted)


def _compare_dates(operator: str, wanted: list[Any], value: date | None, today: date) -> bool:
    if value is None:
        return operator == "not_any_of"
    if operator in {"any_of", "not_any_of"}:
        return (value in _days(wanted, today)) == (operator == "any_of")
    plain = [date.fromisoformat(str(day)) for day in wanted if day != "EXACT" and str(day) != "TODAY"]
    return _in_range(operator, plain or [today], value)


def _days(wanted: list[Any], today: date) -> set[date]:
    monday = today - timedelta(days=today.weekday())
    days: set[date] = set()
    for value in wanted:
        match value:
            case "EXACT":
                pass
            case "TODAY":
                days.add(today)
            case "THIS_WEEK":
                days |= {monday + timedelta(days=number) for number in range(7)}
            case _:
                try:
                    days.add(date.fromisoformat(str(value)))
                except ValueError:
                    raise invalid_argument(f"Unknown date {value!r} in a rule") from None
    return days
