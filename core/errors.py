"""What can go wrong, in the operator's words, and what the engine does next.

    DeltaDeskError
    ├── ConfigurationError  a file, profile, token source, table or column is not as it must be (exit 2)
    ├── StoreError          the orders database cannot be reached or refused (exit 3)
    └── BoardError          the board's API cannot be reached or refused (exit 3)

A new class exists only where a caller behaves differently; everything else is told by the `Problem`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from core.redaction import redact


class ExitCode(int, Enum):
    """How the command line ends."""

    SYNCED = 0
    """Every selected record is on the board."""
    RECORDS_FAILED = 1
    """Some records failed or their outcome is unknown."""
    USAGE = 2
    """Wrong usage or wrong configuration: nothing was sent."""
    UNREACHABLE = 3
    """The database or the board could not be reached, or the run had to stop."""


class Next(Enum):
    """What the engine does after an error."""

    RETRY = "retry"
    """Transient: the same request goes out again, later."""
    HOLD = "hold"
    """This record is wrong: it is marked ERROR and the others go on."""
    STOP = "stop"
    """Nothing will succeed until a person acts: the run ends."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One failure as an operator reads it. Secrets are masked in it from the beginning, wherever it goes."""

    code: str
    """A stable, machine-readable word such as `label_not_on_board`."""
    title: str
    """What happened: "The board has no label 'Cut & Sew'"."""
    subject: str
    """To what: "order AAG-4755-001, column CATEGORY"."""
    remedy: str
    """What to do now, as an instruction."""
    request_id: str | None = None
    """The board's own id of the request, which its support asks for."""

    def __post_init__(self) -> None:
        for name in ("title", "subject", "remedy"):
            object.__setattr__(self, name, redact(getattr(self, name)))

    def __str__(self) -> str:
        """One line for a log or a terminal."""
        return f"{self.title} ({self.subject}). {self.remedy}"


class DeltaDeskError(Exception):
    """An expected failure. Carries one or more problems; the first one leads."""

    exit_code = ExitCode.UNREACHABLE
    next = Next.STOP

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems: Sequence[Problem] = problems

    @property
    def problem(self) -> Problem:
        """The leading problem."""
        return self.problems[0]


class ConfigurationError(DeltaDeskError):
    """A file, a profile, a token source, a table or a column is not as it must be."""

    exit_code = ExitCode.USAGE


class StoreError(DeltaDeskError):
    """The orders database cannot be reached, or it refused a statement."""


class BoardError(DeltaDeskError):
    """The board's API cannot be reached, or it refused a whole request."""

    def __init__(self, *problems: Problem, exit_code: ExitCode = ExitCode.UNREACHABLE) -> None:
        super().__init__(*problems)
        # A wrong token or board id is the operator's to mend: the configuration's exit code.
        self.exit_code = exit_code
