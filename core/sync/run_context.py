"""What the parts of one run share: its identity, the world, its control, its account of calls."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.orders.journal import OperationRow, RequestRow, new_uuid
from core.sync.control import RunControl
from core.sync.events import RunEvent
from core.sync.lookup import KeyColumns
from core.sync.plan import PlannedRequest
from core.sync.ports import EnginePorts
from core.sync.record_pace import RecordPace


@dataclass(slots=True)
class ApiTally:
    """What a run asked of the API."""

    calls: int = 0
    rejected: int = 0
    complexity: int = 0
    pace: RecordPace = field(default_factory=RecordPace)


@dataclass(frozen=True, slots=True)
class RunContext:
    """What the parts of one run share."""

    run_id: str
    ports: EnginePorts
    control: RunControl
    emit: Callable[[RunEvent], None]
    tally: ApiTally
    keys: KeyColumns

    def request_row(self, request: PlannedRequest, body: str) -> RequestRow:
        """A request for the journal, under a new idempotency key."""
        return RequestRow(
            request_uuid=new_uuid(),
            run_id=self.run_id,
            request_key=request.key,
            step=request.step.value,
            idempotency_key=new_uuid(),
            planned_hash=request.hash,
            body=body,
            operations=tuple(
                OperationRow(operation.target.value, operation.key, operation.kind.value)
                for operation in request.operations
            ),
        )
