"""Claims, and what preparation knows of every order for life."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_UUID = sa.String(36)
_KEY = sa.Unicode(600)
"""A business key; with a size it can be indexed on every dialect."""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "deltadesk_claim",
        sa.Column("record_uuid", _UUID, primary_key=True),
        sa.Column("owner", sa.Unicode(200), nullable=False),
        sa.Column("held_until", sa.DateTime, nullable=False),
        sa.Column("heartbeat_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_deltadesk_claim_owner", "deltadesk_claim", ["owner"])
    op.create_table(
        "deltadesk_order",
        sa.Column("record_uuid", _UUID, primary_key=True),
        sa.Column("business_key", _KEY, nullable=False),
        sa.Column("row_hash", sa.String(64), nullable=False),
        sa.Column("customer", sa.Unicode(255)),
        sa.Column("monday_item_id", sa.String(40)),
        sa.Column("first_seen_at", sa.DateTime, nullable=False),
        sa.Column("last_changed_at", sa.DateTime, nullable=False),
        sa.Column("cancelled_at", sa.DateTime),
    )
    op.create_index("ux_deltadesk_order_business_key", "deltadesk_order", ["business_key"], unique=True)
    op.create_table(
        "deltadesk_order_line",
        sa.Column("line_uuid", _UUID, primary_key=True),
        sa.Column("record_uuid", _UUID, nullable=False),
        sa.Column("size_code", sa.Unicode(100), nullable=False),
        sa.Column("qty", sa.Integer, nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("prepare_id", _UUID),
        sa.Column("monday_subitem_id", sa.String(40)),
    )
    op.create_index(
        "ux_deltadesk_order_line_size", "deltadesk_order_line", ["record_uuid", "size_code"], unique=True
    )
    op.create_index("ix_deltadesk_order_line_prepare", "deltadesk_order_line", ["prepare_id"])
    op.create_table(
        "deltadesk_staged",
        sa.Column("prepare_id", _UUID, nullable=False),
        sa.Column("staging_row", sa.Integer, nullable=False),
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
        sa.Column("prepare_id", _UUID, nullable=False),
        sa.Column("business_key", _KEY),
        sa.Column("size_code", sa.Unicode(100), nullable=False),
        sa.Column("qty_text", sa.Unicode(100)),
        sa.Column("qty", sa.Integer),
    )
    op.create_index("ix_deltadesk_staged_line_key", "deltadesk_staged_line", ["business_key", "size_code"])
    op.create_table(
        "deltadesk_customer_name",
        sa.Column("source_name", sa.Unicode(255), primary_key=True),
        sa.Column("canonical_name", sa.Unicode(255), nullable=False),
    )


def downgrade() -> None:
    """Remove them again."""
    for table in ("customer_name", "staged_line", "staged", "order_line", "order", "claim"):
        op.drop_table(f"deltadesk_{table}")
