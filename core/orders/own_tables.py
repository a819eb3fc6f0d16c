"""The application's own tables beside the delta tables: runs, requests, operations, edits, mappings, claims.

The migrations in `core/orders/migrations` make them; this is how the code names them.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql

from core.orders.moments import MOMENT

metadata = sa.MetaData()

# A key that every dialect can index: 36 characters hold a UUID.
_Uuid = sa.String(36)
_LONG = (
    sa.UnicodeText()
    .with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
    .with_variant(mssql.NVARCHAR(), "mssql")
)
"""Whole requests and answers; MariaDB's usual text ends at 64 kB."""
_Moment = MOMENT.with_variant(mssql.DATETIME2(6), "mssql")  # type: ignore[no-untyped-call]
"""UTC, without a zone: SQLite and DATETIME2 store none."""

run = sa.Table(
    "deltadesk_run",
    metadata,
    sa.Column("run_id", _Uuid, primary_key=True),
    sa.Column("profile", sa.Unicode(100), nullable=False),
    sa.Column("board_id", sa.String(40), nullable=False),
    sa.Column("dry_run", sa.Boolean, nullable=False),
    sa.Column("worker", sa.Unicode(200), nullable=False),
    sa.Column("plan_hash", sa.String(64), nullable=False),
    sa.Column("mapping_hash", sa.String(64), nullable=False),
    sa.Column("started_at", _Moment, nullable=False),
    sa.Column("finished_at", _Moment),
    sa.Column("report", _LONG),
    sa.Column("mapping_version", sa.Integer),
    sa.Column("scope", _LONG),
    sa.Column("settled_by", _Uuid),
    sa.Column("left_at", _Moment),
)

request = sa.Table(
    "deltadesk_request",
    metadata,
    sa.Column("request_uuid", _Uuid, primary_key=True),
    sa.Column("run_id", _Uuid, sa.ForeignKey("deltadesk_run.run_id"), nullable=False, index=True),
    sa.Column("request_key", sa.Unicode(400), nullable=False),
    sa.Column("step", sa.String(20), nullable=False),
    sa.Column("idempotency_key", _Uuid, nullable=False, unique=True),
    sa.Column("planned_hash", sa.String(64), nullable=False),
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("sent_at", _Moment),
    sa.Column("answered_at", _Moment),
    sa.Column("http_status", sa.Integer),
    sa.Column("board_request_id", sa.String(100)),
    sa.Column("body", _LONG, nullable=False),
    sa.Column("answer", _LONG),
)

operation = sa.Table(
    "deltadesk_operation",
    metadata,
    sa.Column("request_uuid", _Uuid, sa.ForeignKey("deltadesk_request.request_uuid"), primary_key=True),
    sa.Column("alias_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("target", sa.String(10), nullable=False),
    sa.Column("record_key", sa.Unicode(255), nullable=False),
    sa.Column("kind", sa.String(30), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("board_id", sa.String(40)),
    sa.Column("code", sa.String(100)),
    sa.Column("message", _LONG),
    sa.Column("remedy", _LONG),
)
"""Found by their requests alone: docs/decisions/0013."""

group = sa.Table(
    "deltadesk_group",
    metadata,
    sa.Column("board_id", sa.String(40), primary_key=True),
    sa.Column("title", sa.Unicode(255), primary_key=True),
    sa.Column("group_id", sa.String(100)),
    sa.Column("owner", _Uuid, nullable=False),
    sa.Column("reserved_at", _Moment, nullable=False),
)

finding = sa.Table(
    "deltadesk_finding",
    metadata,
    sa.Column("record_kind", sa.String(10), primary_key=True),
    sa.Column("record_key", sa.Unicode(255), primary_key=True),
    sa.Column("code", sa.String(100), nullable=False),
    sa.Column("message", _LONG, nullable=False),
    sa.Column("remedy", _LONG, nullable=False),
    sa.Column("source", sa.Unicode(255), nullable=False),
    sa.Column("found_at", _Moment, nullable=False),
    sa.Column("request_uuid", _Uuid),
)

edit = sa.Table(
    "deltadesk_edit",
    metadata,
    sa.Column("edit_uuid", _Uuid, primary_key=True),
    sa.Column("at", _Moment, nullable=False),
    sa.Column("worker", sa.Unicode(200), nullable=False),
    sa.Column("record_kind", sa.String(10), nullable=False),
    sa.Column("record_key", sa.Unicode(255), nullable=False),
    sa.Column("column_name", sa.Unicode(255), nullable=False),
    sa.Column("value_before", _LONG),
    sa.Column("value_after", _LONG),
)

continuation = sa.Table(
    "deltadesk_continuation",
    metadata,
    sa.Column("record_uuid", _Uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("item_id", sa.String(40), nullable=False, index=True),
)

continued_subitem = sa.Table(
    "deltadesk_continued_subitem",
    metadata,
    sa.Column("subitem_id", sa.String(40), primary_key=True),
    sa.Column("item_id", sa.String(40), nullable=False, index=True),
)

claim = sa.Table(
    "deltadesk_claim",
    metadata,
    sa.Column("record_uuid", _Uuid, primary_key=True),
    sa.Column("owner", sa.Unicode(200), nullable=False, index=True),
    sa.Column("held_until", _Moment, nullable=False),
    sa.Column("heartbeat_at", _Moment, nullable=False),
)

mapping_version = sa.Table(
    "deltadesk_mapping_version",
    metadata,
    sa.Column("profile", sa.Unicode(100), primary_key=True),
    sa.Column("mapping", sa.Unicode(100), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content_hash", sa.String(64), nullable=False, index=True),
    sa.Column("saved_at", _Moment, nullable=False),
    sa.Column("worker", sa.Unicode(200), nullable=False),
    sa.Column("note", sa.Unicode(400)),
    sa.Column("content", _LONG, nullable=False),
    sa.Column("rules_text", _LONG, nullable=False),
)
