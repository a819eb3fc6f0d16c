"""Versions of the mapping, and which of them a run used."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mssql, mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime().with_variant(mssql.DATETIME2(6), "mssql")  # type: ignore[no-untyped-call]
_LONG = (
    sa.UnicodeText()
    .with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
    .with_variant(mssql.NVARCHAR(), "mssql")
)
"""A whole mapping; MariaDB's usual text ends at 64 kB."""


def _name() -> sa.types.TypeEngine[str]:
    """A profile's or a mapping set's name, compared letter by letter, as the configuration does."""
    return (
        sa.Unicode(100)
        .with_variant(sa.Unicode(100, collation="Latin1_General_100_BIN2"), "mssql")
        .with_variant(mysql.VARCHAR(100, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
    )


def upgrade() -> None:
    """Make the table, and let runs name a version."""
    op.create_table(
        "deltadesk_mapping_version",
        sa.Column("profile", _name(), primary_key=True),
        sa.Column("mapping", _name(), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("saved_at", _MOMENT, nullable=False),
        sa.Column("worker", sa.Unicode(200), nullable=False),
        sa.Column("note", sa.Unicode(400)),
        sa.Column("content", _LONG, nullable=False),
        sa.Column("rules_text", _LONG, nullable=False),
    )
    op.create_index(
        "ix_deltadesk_mapping_version_content_hash", "deltadesk_mapping_version", ["content_hash"]
    )
    op.add_column("deltadesk_run", sa.Column("mapping_version", sa.Integer))


def downgrade() -> None:
    """Remove them again."""
    op.drop_column("deltadesk_run", "mapping_version")
    op.drop_table("deltadesk_mapping_version")
