"""A mapping set as one text that names its content, and back; and its rules as the file has them."""

import hashlib
import json

from core.config.model import MappingSet
from core.config.positions import table_spans


def mapping_json(mapping: MappingSet) -> str:
    """The mapping set as canonical JSON, keys sorted, defaults left out: equal sets are equal texts."""
    content = mapping.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def mapping_from_json(text: str) -> MappingSet:
    """The mapping set that `mapping_json` wrote. Raises ValueError when this version cannot read it."""
    return MappingSet.model_validate_json(text)


def mapping_hash(mapping: MappingSet) -> str:
    """SHA-256 that names the content of a mapping set."""
    return hashlib.sha256(mapping_json(mapping).encode()).hexdigest()


def rules_text(text: str, mapping: str) -> str:
    """The tables of a mapping set as the configuration file has them, comments above each rule included.

    Empty for a set that is not written as tables of its own.
    """
    lines = text.splitlines(keepends=True)
    kept: list[str] = []
    for span in table_spans(text):
        if span.path[:2] == ("mappings", mapping):
            first = span.first - 1
            while kept and first > 0 and lines[first - 1].lstrip()[:1] in {"", "#"}:
                first -= 1
            kept.extend(lines[first : span.last])
    return "".join(kept)
