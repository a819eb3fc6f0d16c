"""JSON as requests carry it: one spelling, so that equal values are equal bytes wherever they are made."""

import json
from collections.abc import Callable
from typing import Any

import orjson

_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
"""What JSON does not know is for `default`, never written in a spelling that nobody chose."""


def compact_json(value: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """JSON in UTF-8: no blanks, keys in their order, letters as they are.

    `default` gives what stands for a value that JSON does not know. Raises TypeError where nothing does, and
    UnicodeEncodeError for half of a surrogate pair. The same bytes as `json.dumps` writes, but for floats.
    """
    try:
        return orjson.dumps(value, default, _OPTIONS)
    except TypeError:  # whole numbers beyond 64 bits; all else is refused here too, in words that say more
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=default).encode()
