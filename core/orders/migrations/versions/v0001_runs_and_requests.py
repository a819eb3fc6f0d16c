"""Runs, requests, operations, groups, findings and edits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mssql, mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_UUID = sa.String(36)
_MOMENT = sa.DateTime().with_variant(mssql.DATETIME2(6), "mssql")  # type: ignore[no-untyped-call]
_LONG = (
    sa.UnicodeText()
    .with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
    .with_variant(mssql.NVARCHAR(), "mssql")
)
"""Whole requests and answers; MariaDB's usual text ends at 64 kB."""


_TITLE = (
    sa.Unicode(255)
    .with_variant(sa.Unicode(255, collation="Latin1_General_100_BIN2"), "mssql")
    .with_variant(mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
)
"""Compared letter by letter, as the board's own titles are: ACME and Acme are two groups."""


def upgrade() -> None:
    """Make the application's first own tables."""
    op.create_table(
        "deltadesk_run",
        sa.Column("run_id", _UUID, primary_key=True),
        sa.Column("profile", sa.Unicode(100), nullable=False),
        sa.Column("board_id", sa.String(40), nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("worker", sa.Unicode(200), nullable=False),
        sa.Column("plan_hash", sa.String(64), nullable=False),
        sa.Column("mapping_hash", sa.String(64), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.Column("report", _LONG),
    )
    op.create_table(
        "deltadesk_request",
        sa.Column("request_uuid", _UUID, primary_key=True),
        sa.Column("run_id", _UUID, sa.ForeignKey("deltadesk_run.run_id"), nullable=False),
        sa.Column("request_key", sa.Unicode(400), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("idempotency_key", _UUID, nullable=False, unique=True),
        sa.Column("planned_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("sent_at", _MOMENT),
        sa.Column("answered_at", _MOMENT),
        sa.Column("http_status", sa.Integer),
        sa.Column("board_request_id", sa.String(100)),
        sa.Column("body", _LONG, nullable=False),
        sa.Column("answer", _LONG),
    )
    op.create_index("ix_deltadesk_request_run_id", "deltadesk_request", ["run_id"])
    op.create_table(
        "deltadesk_operation",
        sa.Column("request_uuid", _UUID, sa.ForeignKey("deltadesk_request.request_uuid"), primary_key=True),
        sa.Column("alias_index", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("run_id", _UUID, nullable=False),
        sa.Column("target", sa.String(10), nullable=False),
        sa.Column("record_key", sa.Unicode(255), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("board_id", sa.String(40)),
        sa.Column("code", sa.String(100)),
        sa.Column("message", _LONG),
        sa.Column("remedy", _LONG),
    )
    for column in ("run_id", "record_key", "state"):
        op.create_index(f"ix_deltadesk_operation_{column}", "deltadesk_operation", [column])
    op.create_table(
        "deltadesk_group",
        sa.Column("board_id", sa.String(40), primary_key=True),
        sa.Column("title", _TITLE, primary_key=True),
        sa.Column("group_id", sa.String(100)),
        sa.Column("owner", _UUID, nullable=False),
        sa.Column("reserved_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "deltadesk_finding",
        sa.Column("record_kind", sa.String(10), primary_key=True),
        sa.Column("record_key", sa.Unicode(255), primary_key=True),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("message", _LONG, nullable=False),
        sa.Column("remedy", _LONG, nullable=False),
        sa.Column("source", sa.Unicode(255), nullable=False),
        sa.Column("found_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "deltadesk_edit",
        sa.Column("edit_uuid", _UUID, primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("worker", sa.Unicode(200), nullable=False),
        sa.Column("record_kind", sa.String(10), nullable=False),
        sa.Column("record_key", sa.Unicode(255), nullable=False),
        sa.Column("column_name", sa.Unicode(255), nullable=False),
        sa.Column("value_before", _LONG),
        sa.Column("value_after", _LONG),
    )


def downgrade() -> None:
    """Remove them again."""
    for table in ("edit", "finding", "group", "operation", "request", "run"):
        op.drop_table(f"deltadesk_{table}")
