"""The one place where secrets are taken out of what is written or shown."""

import re
from collections.abc import Iterable

MASK = "•••"
_secrets: set[str] = set()
# A password inside a database address, and an authorization header, whoever wrote them.
_PATTERNS = (
    re.compile(r"(?P<keep>\w[\w+.-]*://[^\s:/@]+:)(?P<secret>[^\s@]+)(?=@)"),
    re.compile(r"(?P<keep>(?:PWD|Password)\s*=\s*)(?P<secret>[^;\s\"']+)", re.IGNORECASE),
    re.compile(r"(?P<keep>authorization[\"']?\s*[:=]\s*[\"']?)(?P<secret>[^\s\"',}]+)", re.IGNORECASE),
)


def remember_secret(secret: str) -> None:
    """From now on `redact` masks this value wherever it occurs. Values under 6 characters are ignored."""
    if len(secret) >= 6:  # noqa: PLR2004  shorter ones would mask ordinary words
        _secrets.add(secret)


def known_secrets() -> Iterable[str]:
    """Every remembered secret; for tests that search files for them."""
    return tuple(_secrets)


def redact(text: str) -> str:
    """Return `text` with every remembered secret, database password and authorization header masked."""
    for secret in _secrets:
        text = text.replace(secret, MASK)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<keep>{MASK}", text)
    return text
