"""The one place where secrets are taken out of what is written or shown."""

import json
import re
import sys
from collections.abc import Iterable
from typing import Any, TextIO
from urllib.parse import quote, unquote, unquote_plus

MASK = "•••"
SHORTEST_SECRET = 6
"""Characters; masking shorter values would mask ordinary words."""
_secrets: set[str] = set()
# Whoever wrote them: a password inside a database address, in an ODBC connection string as such or inside an
# address, and an authorization header. None reaches beyond a quote, so that JSON around it stays JSON.
_PATTERNS = (
    ("@", (b"://",), re.compile(r"(?P<keep>://(?<=[\w+.-]://)[^\s:/@\"']*:)(?P<secret>[^\s/\"']+)(?=@)")),
    (
        "=",
        (b"pwd", b"password"),
        re.compile(
            r"(?P<keep>(?:PWD|Password)\s*=\s*)(?P<secret>\{[^}]*\}|(?:[^;\s\"'&\\]|\\(?![\"']))+)",
            re.IGNORECASE,
        ),
    ),
    (
        "%",
        (b"pwd", b"password"),
        re.compile(r"(?P<keep>(?:PWD|Password)\+*%3D\+*)(?P<secret>(?:(?!%3B)[^\s\"'&])+)", re.IGNORECASE),
    ),
    (
        "",
        (b"authorization",),
        re.compile(
            r"(?P<keep>authorization\\?[\"']?\s*[:=,]\s*(?:b?\\?[\"'])?(?:(?:Bearer|Basic)\s+)?)"
            r"(?P<secret>[^\s\"',}\\(\[{]+)",
            re.IGNORECASE,
        ),
    ),
)
"""A character that stands in whatever the pattern matches, "" for none; words, one of which does, in small
letters; and the pattern."""
_LIKE_ASCII = ("\u0131", "\u0130", "\u017f")
"""Letters beyond ASCII that a pattern takes for an i or an s of these words."""


def remember_secret(secret: str) -> None:
    """From now on `redact` masks this value wherever it occurs, also as Python, JSON or an address writes it.

    Values under 6 characters are ignored.
    """
    if len(secret) >= SHORTEST_SECRET:
        for spelling in (secret, repr(secret)[1:-1], quote(secret, safe="")):
            in_json = (json.dumps(spelling, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
            _secrets.update((spelling, *in_json))


def remember_passwords(address: str) -> None:
    """Remember each password inside a database's, a server's or a proxy's address, as it stands and decoded.

    A driver or a server may say it back in words that no pattern knows.
    """
    for *_, pattern in _PATTERNS:
        for found in pattern.finditer(address):
            for spelling in (found["secret"], unquote(found["secret"]), unquote_plus(found["secret"])):
                remember_secret(spelling)
                remember_secret(spelling.removeprefix("{").removesuffix("}"))


def known_secrets() -> Iterable[str]:
    """Every remembered secret in each of its spellings; for tests that search files for them."""
    return tuple(_secrets)


def redact(text: str) -> str:
    """Return `text` with every remembered secret, database password and authorization header masked."""
    if not text:
        return text
    # Longest first: a secret that begins another one would leave the other's end behind.
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    # Whole requests and answers come by here, and a pattern looks at each character of them; so do small
    # letters of texts, while those of bytes are ASCII's alone and take a tenth of the time. One character is
    # found faster than any word.
    folded = text.encode(errors="surrogatepass").lower()
    odd = not text.isascii() and any(letter in text for letter in _LIKE_ASCII)
    for character, words, pattern in _PATTERNS:
        if character in text and (odd or any(word in folded for word in words)):
            text = pattern.sub(rf"\g<keep>{MASK}", text)
    return text


class MaskedStream:
    """A text stream to which nothing is written before its secrets are masked."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text masked; how much of `text` was taken, which is all."""
        self._stream.write(redact(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def mask_standard_streams() -> None:
    """Mask what this process prints from now on, tracebacks and libraries' warnings included."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, MaskedStream):  # a windowed program has none
            setattr(sys, name, MaskedStream(stream))
