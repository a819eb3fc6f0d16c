"""What a run set out to send, so that it can be resumed, and what became of an interrupted one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mssql, mysql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime().with_variant(mssql.DATETIME2(6), "mssql")  # type: ignore[no-untyped-call]
_LONG = (
    sa.UnicodeText()
    .with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
    .with_variant(mssql.NVARCHAR(), "mssql")
)
"""The keys of thousands of orders; MariaDB's usual text ends at 64 kB."""


def upgrade() -> None:
    """Let runs say what they set out to send."""
    op.add_column("deltadesk_run", sa.Column("scope", _LONG))
    op.add_column("deltadesk_run", sa.Column("settled_by", sa.String(36)))
    op.add_column("deltadesk_run", sa.Column("left_at", _MOMENT))


def downgrade() -> None:
    """Remove them again."""
    for column in ("left_at", "settled_by", "scope"):
        op.drop_column("deltadesk_run", column)
