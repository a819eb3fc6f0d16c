"""Further items of orders with more lines than an item takes, and which subitems hang under them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BOARD_ID = sa.String(40)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "deltadesk_continuation",
        sa.Column("record_uuid", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("item_id", _BOARD_ID, nullable=False),
    )
    op.create_index("ix_deltadesk_continuation_item_id", "deltadesk_continuation", ["item_id"])
    op.create_table(
        "deltadesk_continued_subitem",
        sa.Column("subitem_id", _BOARD_ID, primary_key=True),
        sa.Column("item_id", _BOARD_ID, nullable=False),
    )
    op.create_index("ix_deltadesk_continued_subitem_item_id", "deltadesk_continued_subitem", ["item_id"])


def downgrade() -> None:
    """Remove them again."""
    op.drop_table("deltadesk_continued_subitem")
    op.drop_table("deltadesk_continuation")
