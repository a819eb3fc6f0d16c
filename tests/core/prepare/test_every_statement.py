"""Every statement that the engine sends to an orders database, compiled and parsed.

They are taken from real work on a SQLite file, as SQLAlchemy has them before any dialect. A preparation's own
texts differ from dialect to dialect: test_statements has them.
"""

import ast
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import sqlglot
from sqlalchemy import event
from sqlglot import exp
from sqlglot.errors import ErrorLevel

import core
from core.config.model import EngineColumns, StateWords
from core.orders import claims as claims_module
from core.orders import import_jobs, interrupted_runs, run_records
from core.orders.claims import Claims
from core.orders.import_jobs import JobNote, JobStage
from core.orders.journal import (
    FindingRow,
    Journal,
    OperationOutcome,
    OperationRow,
    OperationState,
    RequestRow,
    RunRow,
)
from core.orders.journal_rows import RunScope
from core.orders.many_rows import ManyRows
from core.orders.mapping_versions import MappingVersions, VersionContent
from core.orders.model import OrderFilter, RecordKind, Selection, StateChange, SyncState
from core.orders.schema import offline_sql
from core.orders.store import OrderStore
from tests.core.prepare.desk import HEADERS, LINES, NOW, Desk, order
from tests.core.prepare.test_statements import DIALECTS, MOST_PARAMETERS, PARSERS

STATES = tuple(SyncState)
ROOT = Path(core.__file__).parent
LOOKED_THROUGH = sorted((ROOT / "orders").glob("*.py")) + [
    ROOT / "prepare" / f"{name}.py"
    for name in ("absent", "customer_names", "outcome", "pipeline", "structure")
]
SENDING = {"execute", "scalars", "scalar", "exec_driver_sql"}
ELSEWHERE = {
    # Texts for one database alone, which its own tests run.
    ("database.py", "_prepare_sqlite"),
    ("database.py", "_on_begin"),
    ("schema.py", "_alone"),
    # A text in each dialect's own words: test_statements parses it.
    ("outcome.py", "_refused_values"),
    # One of two ways to carry out a statement that is given to it; SQLite's is shut here, so that it is seen.
    ("many_rows.py", "execute"),
}


@dataclass
class Captured:
    """What was sent, and from which lines of the engine."""

    statements: list[sa.ClauseElement] = field(default_factory=list)
    places: set[tuple[str, int]] = field(default_factory=set)

    def keep(self, _connection, element, _many, _parameters, _options) -> None:
        if not isinstance(element, sa.TextClause):
            self.statements.append(element)
        frame = sys._getframe()
        while frame is not None:
            if frame.f_code.co_filename.startswith(str(ROOT)):
                self.places.add((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back


class Names:
    headers_table = f"dbo.{HEADERS}"
    lines_table = f"dbo.{LINES}"
    customer_column = "CUSTOMER NAME"
    columns = EngineColumns()
    state_words = StateWords()


@pytest.fixture
def captured(sqlite_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Captured:
    """The statements of working days: prepare, read, claim, send, answer, repair, retry."""
    monkeypatch.setattr(ManyRows, "_prepare", lambda *_arguments: None)
    captured = Captured()
    names = Names()
    names.headers_table, names.lines_table = HEADERS, LINES
    event.listen(sqlite_desk.engine, "before_execute", captured.keep)
    _prepare(sqlite_desk, tmp_path / "names.csv")
    event.remove(sqlite_desk.engine, "before_execute", captured.keep)
    store = OrderStore(  # without what it reflects, which is SQLite's own
        sqlite_desk.engine,
        names,
        label=lambda row: str(row["AAG ORDER NUMBER"]),
        label_columns=["AAG ORDER NUMBER"],
        display_columns=["CATEGORY"],
        header_columns=["NOTES", "CUSTOMER'S COLOUR CODE (CUSTOM FIELD) CUSTOMER PROVIDES THIS"],
        line_columns=["size_code", "qty"],
        worker="machine:1",
    )
    event.listen(sqlite_desk.engine, "before_execute", captured.keep)
    _read(store)
    _claim(store)
    _send(store)
    _repair(store)
    _continue(store)
    _undo(store)
    _save_a_mapping(store)
    return captured


def _prepare(desk: Desk, names: Path) -> None:
    """Two preparations: everything new, with all that can be refused; then an order that is gone."""
    names.write_text("source,canonical\nGREYSON,GREYSON CLOTHIERS\n", encoding="utf-8")
    summersalt = order(3, **{"CUSTOMER NAME": "SUMMERSALT"})
    twins = (order(4), order(4))
    nameless = order(5, **{"PO NUMBER": None})
    odd = order(6, sizes={"XS": "three"}, **{"EX FACTORY DATE": "soon"})
    desk.load(order(1), order(2), summersalt, *twins, nameless, odd)
    desk.prepare(customer_names=names)
    desk.synced()
    desk.prepare()  # learns what the board calls them
    desk.retire()
    desk.load(order(1), summersalt)
    desk.prepare()
    more = (order(7), order(8), order(9, **{"CUSTOMER NAME": "SUMMERSALT"}))
    desk.load(order(1), order(2), summersalt, *more)
    desk.prepare()


def _read(store: OrderStore) -> None:
    wanted = OrderFilter(text="50% o'clock", states=STATES)
    (first, *_) = store.customers(OrderFilter())
    store.customers(wanted)
    store.order_count(wanted)
    store.order_rows(first.customer, OrderFilter(), 0, 10)
    store.order_rows("", wanted, 20, 10)
    rows = store.order_rows(first.customer, OrderFilter(), 0, 10)
    store.order_detail(rows[0].key)
    store.record_fields(RecordKind.ORDER, rows[0].key)
    keys = tuple(row.key for row in rows)
    for selection in (
        Selection(),
        Selection(customers=(first.customer, "")),
        Selection(order_keys=keys),
        Selection(states=STATES, limit=1),
    ):
        store.load(selection)
        store.selected_orders(selection)
    store.failed()
    store.failed([first.customer])
    store.set_state(keys, STATES, SyncState.HELD)
    store.set_state(keys, (SyncState.HELD,), SyncState.ERROR)
    store.failed()
    store.edit_value(RecordKind.ORDER, keys[0], "NOTES", "new", NOW)


def _claim(store: OrderStore) -> None:
    keys = [row.key for row in store.order_rows("GREYSON CLOTHIERS", OrderFilter(), 0, 10)]
    claims = Claims(store.engine, "run")
    Claims(store.engine, "another").take(keys[:1])
    claims.take(keys)
    claims.renew()
    claims.lost(keys)
    claims_module.sent_unheard(store.engine, "100")
    claims_module.holders(store.engine, keys)
    claims_module.owners(store.engine)
    claims_module.forget_owners(store.engine, ["gone"])
    claims.give_back(keys[1:])
    claims.release()


def _send(store: OrderStore) -> None:
    journal = Journal(store, "machine:1")
    key = store.order_rows("SUMMERSALT", OrderFilter(), 0, 1)[0].key
    journal.begin_run(RunRow("run", "demo", "100", False, "p", "m", NOW))
    request = RequestRow(
        "r" * 36, "run", "key", "items", "i" * 36, "h", "{}", (OperationRow("order", key, "create"),)
    )
    journal.sending(request, NOW)
    journal.unresolved("100")
    note = JobNote(JobStage.STARTED, "job", NOW)
    import_jobs.advance(store.engine, "r" * 36, None, note)
    import_jobs.advance(store.engine, "r" * 36, note, note.at(JobStage.UPLOADING))
    import_jobs.find(store.engine, "r" * 36)
    finding = FindingRow(RecordKind.ORDER, key, "code", "message", "remedy")
    states = [
        StateChange(RecordKind.ORDER, key, SyncState.SYNCED, at=NOW, board_id="1"),
        StateChange(RecordKind.ORDER, key, SyncState.ERROR, at=NOW, error="message"),
        StateChange(RecordKind.ORDER, key, SyncState.SYNCED, at=NOW, board_id="1", as_of=NOW),
    ]
    outcome = OperationOutcome(0, OperationState.CONFIRMED, "1")
    journal.answered("r" * 36, NOW, [outcome], states=states, findings=[finding])
    journal.record_states(NOW, states, [finding])
    journal.finding(RecordKind.ORDER, key)
    journal.finding_codes()
    journal.exchange_of(RecordKind.ORDER, key)
    journal.is_open("r" * 36)
    journal.reserve_group("100", "SUMMERSALT", "1", NOW)
    seen = journal.reserve_group("100", "SUMMERSALT", "2", NOW).holder
    journal.reserve_group("100", "SUMMERSALT", "2", NOW + timedelta(hours=1), silent=seen)
    journal.hold_groups("100", ["SUMMERSALT"], "2", NOW)
    gone = Journal(store, f"{socket.gethostname()}:99999999")
    gone.begin_run(RunRow("gone", "demo", "100", False, "p", "m", NOW))
    gone.reserve_group("100", "MAISON", "gone", NOW)
    journal.reserve_group("100", "MAISON", "run", NOW)
    journal.group_created("100", "SUMMERSALT", "g")
    journal.forget_group("100", "SUMMERSALT", "g")
    journal.give_group_back("100", "MAISON", "run")
    journal.begin_run(RunRow("rest", "demo", "100", False, "p", "m", NOW, None, RunScope(), "gone"))
    interrupted_runs.open_runs(store.engine, "demo", "100", 5)
    interrupted_runs.open_runs(store.engine, "demo", "100", 5, "re")
    interrupted_runs.journalled_records(store.engine, "run")
    interrupted_runs.findings_since(store.engine, NOW)
    interrupted_runs.traffic(store.engine, "run")
    interrupted_runs.keep_report(store.engine, "rest", {})
    interrupted_runs.leave(store.engine, "rest", NOW)
    journal.end_run("run", datetime.now(UTC), {})
    journal.reports(5)
    journal.reports(5, "run")


def _repair(store: OrderStore) -> None:
    """An order and a line that failed, many that are chosen at once."""
    key = store.order_rows("SUMMERSALT", OrderFilter(), 0, 1)[0].key
    line = store.order_detail(key).lines[0].key
    states = [StateChange(RecordKind.LINE, line, SyncState.ERROR, at=NOW, error="message")]
    Journal(store, "machine:1").record_states(NOW, states)
    store.failed()
    store.failed([f"CUSTOMER {number}" for number in range(1200)])
    store.set_state([key], STATES, SyncState.NEW)
    many = tuple(f"key {number}" for number in range(1200))
    store.load(Selection(order_keys=(*many, key, line), customers=("SUMMERSALT", *many), states=STATES))
    store.load(Selection(customers=many, limit=1, unclaimed=True))
    Claims(store.engine, "run").give_back(many)
    store.load(Selection(order_keys=(), customers=()))
    claims_module.holders(store.engine, many)
    claims_module.forget_owners(store.engine, many)
    store.edit_value(RecordKind.LINE, line, "qty", "4", NOW)


def _continue(store: OrderStore) -> None:
    """An order gets two further items with a subitem under one, and loses one of them; `_undo` the other."""
    key = store.order_rows("SUMMERSALT", OrderFilter(), 0, 1)[0].key
    line = store.order_detail(key).lines[0].key
    order = StateChange(RecordKind.ORDER, key, SyncState.PENDING, at=NOW)
    states = [
        order._replace(board_id="102", continuation=2),
        order._replace(board_id="103", continuation=3),
        StateChange(RecordKind.LINE, line, SyncState.SYNCED, "7", "102", at=NOW, continues=True),
    ]
    journal = Journal(store, "machine:1")
    journal.record_states(NOW, states)
    store.load(Selection(order_keys=(key,), states=STATES))
    journal.record_states(NOW, [order._replace(continuation=3)])


def _undo(store: OrderStore) -> None:
    """What a run did is looked up, and an order with its line is as if it had never been sent."""
    key = store.order_rows("SUMMERSALT", OrderFilter(), 0, 1)[0].key
    line = store.order_detail(key).lines[0].key
    run_records.find_run(store.engine, "ru")
    run_records.operations_of(store.engine, "run")
    run_records.bodies_of(store.engine, "run")
    run_records.operations_of_others(store.engine, ["run"], [key], NOW)
    run_records.chain_of(store.engine, run_records.find_run(store.engine, "rest"))
    run_records.made_items(store.engine, ["run"], "create item")
    journal = Journal(store, "machine:1")
    journal.begin_run(RunRow("undo", "demo", "100", False, "p", "m", NOW))
    archiving = (OperationRow("order", key, "undo item"),)
    journal.sending(
        RequestRow("u" * 36, "undo", "undo / items / 1", "items", "v" * 36, "h", "{}", archiving), NOW
    )
    journal.answered("u" * 36, NOW, [OperationOutcome(0, OperationState.CONFIRMED, "1")])
    run_records.undone_items(store.engine, ["run"], "create item", "undo item")
    states = [
        StateChange(RecordKind.LINE, line, SyncState.NEW, at=NOW, afresh=True),
        StateChange(RecordKind.ORDER, key, SyncState.NEW, at=NOW, afresh=True),
    ]
    journal.record_states(NOW, states)


def _save_a_mapping(store: OrderStore) -> None:
    versions = MappingVersions(store.engine, "demo", "order_list", "machine:1")
    number = versions.record(VersionContent("h" * 64, "{}", ""), NOW)
    versions.number_of("h" * 64)
    versions.content(number)
    versions.all()


def _calls(path: Path) -> Iterator[tuple[str, range]]:
    """The function and the lines of each call that sends a statement over an SQLAlchemy connection."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in SENDING
                and ast.unparse(node.func.value) == "connection"
            ):
                yield function.name, range(node.lineno, (node.end_lineno or node.lineno) + 1)


def test_no_statement_of_the_engine_is_left_out(captured):
    missed = [
        f"{path.name}:{lines.start} {function}"
        for path in LOOKED_THROUGH
        for function, lines in _calls(path)
        if (path.name, function) not in ELSEWHERE
        and not any((str(path), line) in captured.places for line in lines)
    ]

    assert missed == []


@pytest.mark.parametrize("name", DIALECTS)
def test_every_statement_compiles_and_parses(captured, name):
    seen = set()
    for element in captured.statements:
        compiled = element.compile(dialect=DIALECTS[name], compile_kwargs={"render_postcompile": True})
        text = str(compiled)
        if text in seen:
            continue
        seen.add(text)

        (tree,) = sqlglot.parse(text, dialect=PARSERS[name], error_level=ErrorLevel.RAISE)

        assert isinstance(tree, exp.Select | exp.Insert | exp.Update | exp.Delete), text
        assert len(compiled.positiontup or ()) <= MOST_PARAMETERS
    assert len(seen) > 60


def tsql(captured: Captured) -> dict[str, exp.Expression]:
    """Every statement as SQL Server gets it, and parsed."""
    texts = {
        str(element.compile(dialect=DIALECTS["mssql"], compile_kwargs={"render_postcompile": True}))
        for element in captured.statements
    }
    return {
        text: sqlglot.parse_one(text, dialect="tsql", error_level=ErrorLevel.RAISE) for text in sorted(texts)
    }


def test_a_page_of_rows_is_ordered_on_sql_server(captured):
    """OFFSET needs ORDER BY there."""
    pages = [tree for tree in tsql(captured).values() if tree.find(exp.Offset)]

    assert pages
    assert all(page.args.get("order") for page in pages)


def test_nothing_is_asked_of_sql_server_that_a_parser_lets_pass(captured):
    """What T-SQL refuses although it parses: each of these is an error of the server's own."""
    for text, tree in tsql(captured).items():
        assert not re.search(r"\b(LIMIT|NULLS (FIRST|LAST)|ILIKE|RETURNING)\b", text), text
        for select in tree.find_all(exp.Select):
            # A truth value is no value there: it stands in conditions alone.
            shown = [each.unalias() for each in select.expressions]
            assert not any(isinstance(each, exp.Predicate | exp.Not | exp.Connector) for each in shown), text
        for condition in tree.find_all(exp.In):
            assert not isinstance(condition.this, exp.Tuple), f"a comparison of tuples: {text}"
        for sorting in tree.find_all(exp.Order):
            keys = [each.this.sql("tsql") for each in sorting.expressions]
            assert len(keys) == len(set(keys)), f"sorted twice by one column: {text}"
        assert not tree.find(exp.Boolean), f"TRUE and FALSE are no words of T-SQL: {text}"
        assert not tree.find(exp.DPipe), f"|| joins no texts before SQL Server 2025: {text}"
        assert not tree.find(exp.OnConflict), text


@pytest.mark.parametrize("name", DIALECTS)
def test_the_script_of_the_application_s_own_tables_parses(name):
    script = offline_sql(name)
    # GO ends a batch for the tools that run a script; it is no T-SQL.
    batches = script.split("\nGO\n") if name == "mssql" else [script]
    trees = [
        tree
        for batch in batches
        for tree in sqlglot.parse(
            batch.replace("\n WITHOUT ROWID", ""), dialect=PARSERS[name], error_level=ErrorLevel.RAISE
        )
        if tree is not None
    ]

    created = {
        tree.find(exp.Table).name for tree in trees if isinstance(tree, exp.Create) and tree.kind == "TABLE"
    }
    assert {"deltadesk_order", "deltadesk_staged", "deltadesk_staged_line", "deltadesk_lock"} <= created
    assert {"deltadesk_run", "deltadesk_claim", "deltadesk_version", "deltadesk_customer_name"} <= created
    assert isinstance(trees[-1], exp.Commit)


@pytest.mark.parametrize(
    ("name", "collation"), [("mssql", "Latin1_General_100_BIN2"), ("mariadb", "utf8mb4_bin")]
)
def test_the_tables_of_the_script_compare_keys_exactly(name, collation):
    exact = set()
    for line in offline_sql(name).splitlines():
        if line.startswith("CREATE TABLE"):
            table = line.split()[2]
        elif f"COLLATE {collation}" in line:
            exact.add((table, line.split()[0]))

    assert {
        ("deltadesk_group", "title"),
        ("deltadesk_claim", "record_uuid"),
        ("deltadesk_order", "business_key"),
        ("deltadesk_order_line", "size_code"),
        ("deltadesk_staged", "business_key"),
        ("deltadesk_staged_line", "size_code"),
        ("deltadesk_customer_name", "source_name"),
    } <= exact
