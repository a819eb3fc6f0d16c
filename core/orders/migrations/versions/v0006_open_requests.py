"""Operations are found by their request: by its run, by its state, or by the finding that its answer left."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INDEXED = ("run_id", "record_key", "state")
_UUID = sa.String(36)
_request = sa.table(
    "deltadesk_request", sa.column("request_uuid"), sa.column("run_id"), sa.column("state", sa.String())
)
_operation = sa.table(
    "deltadesk_operation",
    sa.column("request_uuid"),
    sa.column("run_id"),
    sa.column("state", sa.String()),
)
_OPEN = ("SENT", "UNKNOWN")


def upgrade() -> None:
    """Let the state of a request say whether any of its operations has no outcome, and find it by that."""
    has_open = sa.exists().where(
        _operation.c.request_uuid == _request.c.request_uuid, _operation.c.state.in_(_OPEN)
    )
    op.execute(sa.update(_request).where(_request.c.state.not_in(_OPEN), has_open).values(state="UNKNOWN"))
    op.create_index("ix_deltadesk_request_state", "deltadesk_request", ["state"])
    for column in _INDEXED:
        op.drop_index(f"ix_deltadesk_operation_{column}", "deltadesk_operation")
    op.drop_column("deltadesk_operation", "run_id")
    op.add_column("deltadesk_finding", sa.Column("request_uuid", _UUID))


def downgrade() -> None:
    """Find operations by themselves again."""
    op.drop_column("deltadesk_finding", "request_uuid")
    op.add_column("deltadesk_operation", sa.Column("run_id", _UUID, nullable=False, server_default=""))
    its_run = sa.select(_request.c.run_id).where(_request.c.request_uuid == _operation.c.request_uuid)
    op.execute(sa.update(_operation).values(run_id=its_run.scalar_subquery()))
    for column in _INDEXED:
        op.create_index(f"ix_deltadesk_operation_{column}", "deltadesk_operation", [column])
    op.drop_index("ix_deltadesk_request_state", "deltadesk_request")
