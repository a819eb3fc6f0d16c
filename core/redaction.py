"""The one place where secrets are taken out of what is written or shown."""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "•••"
SHORTEST_SECRET = 6
"""Characters; masking shorter values would mask ordinary words."""
_secrets: set[str] = set()
# Whoever wrote them: a password inside a database address, in an ODBC connection string as such or inside an
# address, and an authorization header. None reaches beyond a quote, so that JSON around it stays JSON.
_PATTERNS = (
    re.compile(r"(?P<keep>\w[\w+.-]*://[^\s:/@\"']*:)(?P<secret>[^\s/\"']+)(?=@)"),
    re.compile(
        r"(?P<keep>(?:PWD|Password)\s*=\s*)(?P<secret>\{[^}]*\}|(?:[^;\s\"'&\\]|\\(?![\"']))+)", re.IGNORECASE
    ),
    re.compile(r"(?P<keep>(?:PWD|Password)\+*%3D\+*)(?P<secret>(?:(?!%3B)[^\s\"'&])+)", re.IGNORECASE),
    re.compile(
        r"(?P<keep>authorization\\?[\"']?\s*[:=,]\s*(?:b?\\?[\"'])?(?:(?:Bearer|Basic)\s+)?)"
        r"(?P<secret>[^\s\"',}\\(\[{]+)",
        re.IGNORECASE,
    ),
)


def remember_secret(secret: str) -> None:
    """From now on `redact` masks this value wherever it occurs, also as Python, JSON or an address writes it.

    Values under 6 characters are ignored.
    """
    if len(secret) >= SHORTEST_SECRET:
        for spelling in (secret, repr(secret)[1:-1], quote(secret, safe="")):
            in_json = (json.dumps(spelling, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
            _secrets.update((spelling, *in_json))


def known_secrets() -> Iterable[str]:
    """Every remembered secret in each of its spellings; for tests that search files for them."""
    return tuple(_secrets)


def redact(text: str) -> str:
    """Return `text` with every remembered secret, database password and authorization header masked."""
    # Longest first: a secret that begins another one would leave the other's end behind.
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<keep>{MASK}", text)
    return text
