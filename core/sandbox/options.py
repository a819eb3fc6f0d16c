"""How a practice board is started."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.sandbox.clock import Clock, SystemClock
from core.sandbox.plans import PLANS, Plan


@dataclass(frozen=True)
class Latency:
    """How long the practice board takes, in milliseconds, on top of its own work."""

    request_ms: float = 0.0
    mutation_ms: float = 0.0  # for each aliased mutation of a request, while it holds the board
    jitter_ms: float = 0.0  # by which each mutation takes longer or shorter at most, evenly spread
    seed: int = 0  # the same seed gives the same row of delays


@dataclass(frozen=True)
class BulkSettings:
    """What bulk import allows and how fast it goes (docs/importing-items-in-bulk).

    The speed and how long a job is remembered are the practice board's own: the provider names neither.
    """

    rows_per_second: float = 200.0  # of each running job, by the board's clock
    rows_per_file: int = 10_000
    file_bytes: int = 150_000_000
    items_per_hour: int = 19_000  # created for the account in any 60 minutes
    starts_per_hour: int = 100
    url_seconds: float = 600.0  # an upload or report address is good for so long
    job_seconds: float = 86_400.0  # a job is known for so long after its start


@dataclass(frozen=True)
class SandboxOptions:
    """Everything `run` needs. Raises ValueError for an empty token, a foreign host or an unknown plan."""

    state: Path  # the SQLite file; made and filled from the fixture when it is new
    fixture: Path
    token: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 0  # 0: any free port
    plan: str = "pro"
    limits: Plan | None = None  # instead of the plan's own, for tests
    latency: Latency = Latency()
    mutation_cost: Mapping[str, int] = field(default_factory=dict)  # points, where not as usual, by field
    bulk: BulkSettings = BulkSettings()
    subitems_per_item: int = 100  # the provider's page on limits; a fixture's board has its own items_limit
    writers_per_board: int = 1  # requests whose mutations of one board run at the same time
    calls_spent: float = 0.0  # of the day, which others on the account made before the start
    lock_conflicts: bool = False  # answer 423 instead of queueing when a board is being written
    idempotency_budget_bytes: int = 50_000_000  # answers beyond it are not kept
    record_requests: int = 0  # how many received requests are remembered for tests
    stop_with_stdin: bool = False  # end when the parent's pipe closes
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        if not self.token:
            raise ValueError("The practice board needs a token; set DELTADESK_PRACTICE_TOKEN.")
        if not is_loopback(self.host):
            raise ValueError(
                f"The practice board listens on loopback only; {self.host!r} is not a loopback address."
            )
        if self.writers_per_board < 1:
            raise ValueError(f"A board has at least one writer, not {self.writers_per_board}.")
        if self.plan not in PLANS:
            raise ValueError(f"Unknown plan {self.plan!r}; choose one of {', '.join(PLANS)}.")

    @property
    def plan_limits(self) -> Plan:
        """The limits in force."""
        return self.limits or PLANS[self.plan]


def is_loopback(host: str) -> bool:
    """Return whether the host is `localhost` or a loopback address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
