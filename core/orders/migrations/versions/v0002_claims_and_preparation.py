"""Claims, and what preparation knows of every order for life."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mssql, mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_UUID = sa.String(36)
_MOMENT = sa.DateTime().with_variant(mssql.DATETIME2(6), "mssql")  # type: ignore[no-untyped-call]


def _exact(length: int) -> sa.types.TypeEngine[str]:
    """Text that is compared character by character, whatever the database's collation makes equal.

    The separator of a business key's parts is among what many collations overlook.
    """
    return (
        sa.Unicode(length)
        .with_variant(sa.Unicode(length, collation="Latin1_General_100_BIN2"), "mssql")
        .with_variant(mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
    )


_KEY = _exact(600)
"""A business key: the longest that every dialect can index."""
_SIZE = _exact(100)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "deltadesk_claim",
        sa.Column("record_uuid", _exact(36), primary_key=True),
        sa.Column("owner", sa.Unicode(200), nullable=False),
        sa.Column("held_until", _MOMENT, nullable=False),
        sa.Column("heartbeat_at", _MOMENT, nullable=False),
    )
    op.create_index("ix_deltadesk_claim_owner", "deltadesk_claim", ["owner"])
    op.create_table(
        "deltadesk_order",
        sa.Column("record_uuid", _UUID, primary_key=True),
        sa.Column("business_key", _KEY, nullable=False),
        sa.Column("row_hash", sa.String(64), nullable=False),
        sa.Column("customer", sa.Unicode(255)),
        sa.Column("monday_item_id", sa.String(40)),
        sa.Column("first_seen_at", _MOMENT, nullable=False),
        sa.Column("last_changed_at", _MOMENT, nullable=False),
        sa.Column("cancelled_at", _MOMENT),
    )
    op.create_index("ux_deltadesk_order_business_key", "deltadesk_order", ["business_key"], unique=True)
    op.create_table(
        "deltadesk_order_line",
        sa.Column("line_uuid", _UUID, primary_key=True),
        sa.Column("record_uuid", _UUID, nullable=False),
        sa.Column("size_code", _SIZE, nullable=False),
        sa.Column("qty", sa.Integer, nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("prepare_id", _UUID),
        sa.Column("monday_subitem_id", sa.String(40)),
    )
    op.create_index(
        "ux_deltadesk_order_line_size", "deltadesk_order_line", ["record_uuid", "size_code"], unique=True
    )
    op.create_index("ix_deltadesk_order_line_prepare", "deltadesk_order_line", ["prepare_id"])
    # Empty outside a preparation; one at a time fills them, as its row in deltadesk_lock decides.
    op.create_table(
        "deltadesk_staged",
        sa.Column("staging_row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("business_key", _KEY),
        sa.Column("row_hash", sa.String(64), nullable=False),
        sa.Column("customer", sa.Unicode(255)),
        sa.Column("record_uuid", _UUID),
        sa.Column("kind", sa.String(12)),
        sa.Column("problem", sa.String(20)),
    )
    op.create_index("ix_deltadesk_staged_key", "deltadesk_staged", ["business_key"])
    op.create_index("ix_deltadesk_staged_record", "deltadesk_staged", ["record_uuid"])
    op.create_table(
        "deltadesk_staged_line",
        sa.Column("staging_row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size_code", _SIZE, primary_key=True),
        sa.Column("qty_text", sa.Unicode(100)),
        sa.Column("qty", sa.Integer),
        sqlite_with_rowid=False,
    )
    op.create_table("deltadesk_lock", sa.Column("name", sa.String(40), primary_key=True))
    op.create_table(
        "deltadesk_customer_name",
        sa.Column("source_name", _exact(255), primary_key=True),
        sa.Column("canonical_name", sa.Unicode(255), nullable=False),
    )


def downgrade() -> None:
    """Remove them again."""
    for table in ("customer_name", "lock", "staged_line", "staged", "order_line", "order", "claim"):
        op.drop_table(f"deltadesk_{table}")
