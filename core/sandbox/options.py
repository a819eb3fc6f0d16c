"""How a practice board is started."""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from core.sandbox.clock import Clock, SystemClock
from core.sandbox.plans import PLANS, Plan


@dataclass(frozen=True)
class Latency:
    """How long the practice board takes, in milliseconds, on top of its own work."""

    request_ms: float = 0.0
    mutation_ms: float = 0.0  # for each aliased mutation of a request
    jitter_ms: float = 0.0  # added or taken away, evenly spread
    seed: int = 0  # the same seed gives the same row of delays


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
