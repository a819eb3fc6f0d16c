"""The API token, from the first source of a chain that has one. It is never written anywhere.

Sources: `env:NAME`, `keyring:SERVICE/USER`, `file:PATH` (readable by its owner alone), `command:COMMAND`, and
`practice-board` for the local practice board.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.config.model import PRACTICE_BOARD
from core.config.token_sources import (
    LONGEST_TOKEN,
    from_command,
    from_environment,
    from_file,
    from_keychain,
    problem,
)
from core.errors import ConfigurationError, Problem
from core.redaction import remember_secret

PRACTICE_TOKEN = "practice-board-token"  # noqa: S105  it opens nothing but that board
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")

_READERS: Mapping[str, Callable[[str, str], str]] = {
    "env": from_environment,
    "keyring": from_keychain,
    "file": from_file,
    "command": from_command,
}
"""Scheme -> reader, which gets what stands after the colon, and the source as it may be shown."""


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token, and where it was."""

    token: str = field(repr=False)
    source: str
    """The source that gave it, as it may be shown."""
    passed_over: tuple[Problem, ...] = ()
    """Why each source before it gave none."""

    @property
    def origin(self) -> str:
        """Where the token is from, and why not from a source that comes first, in words."""
        told = _reasons(self.passed_over)
        return f"{self.source} ({told})" if told else self.source


def find_token(sources: Sequence[str]) -> FoundToken:
    """The token of the first source that has one.

    Raises ConfigurationError with the reason and the remedy of each when none has, or when one is not
    understood. Blocks, at most as long as the sources' time limits together.
    """
    for source in sources:
        _require_understood(source)
    refused: list[Problem] = []
    for source in sources:
        try:
            token = _read(source)
        except ConfigurationError as error:
            if len(sources) == 1:
                raise
            refused.append(error.problem)
        else:
            return FoundToken(token, shown_source(source), tuple(refused))
    raise ConfigurationError(
        Problem(
            "token_missing",
            f"None of the {len(sources)} token sources has a token",
            _reasons(refused),
            f"Mend one of them. {' Or: '.join(each.remedy for each in refused)}",
        )
    )


def shown_source(source: str) -> str:
    """A source as it may be shown: of a command only its program, for its arguments may be secret."""
    if not _understood(source):
        return "of the profile"
    scheme, _, rest = source.partition(":")
    if scheme != "command":
        return source
    program, *arguments = rest.split(maxsplit=1)
    if "=" in program:  # a shell's way to set a variable, which nothing here understands
        return "command:..."
    return f"command:{program} ..." if arguments else source


def _reasons(problems: Sequence[Problem]) -> str:
    return "; ".join(f"{each.subject.removeprefix('token source ')}: {each.title}" for each in problems)


def _understood(source: str) -> bool:
    if source == PRACTICE_BOARD:
        return True
    scheme, _, rest = source.partition(":")
    if scheme == "env":
        return _VARIABLE.fullmatch(rest) is not None
    return scheme in _READERS and bool(rest.strip())


def _require_understood(source: str) -> None:
    if not _understood(source):
        # The source is not shown: somebody may have put the token itself there.
        raise problem(
            shown_source(source),
            "token_source is not understood",
            "Write env:NAME, keyring:SERVICE/USER, file:PATH or command:COMMAND.",
        )


def _read(source: str) -> str:
    """The token of one source. Raises ConfigurationError with a remedy when there is none."""
    if source == PRACTICE_BOARD:
        remember_secret(PRACTICE_TOKEN)
        return PRACTICE_TOKEN
    scheme, _, rest = source.partition(":")
    shown = shown_source(source)
    token = _READERS[scheme](rest, shown).strip()
    if not token:
        raise problem(shown, "The token source is empty", "Put the token there, then try again.")
    remember_secret(token)
    if len(token) > LONGEST_TOKEN or not (token.isascii() and token.isprintable() and " " not in token):
        raise problem(
            shown,
            "What the token source holds is not a token: it has blanks, line breaks or special characters",
            "Put the token there, alone on one line, then try again.",
        )
    return token
