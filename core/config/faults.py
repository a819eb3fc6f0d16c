"""What is wrong with a value of the configuration, as "expected ..., found ...", with the path of its key."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from core.config.model import (
    ColumnMapping,
    EngineColumns,
    Frozen,
    Limits,
    MappingSet,
    Prepare,
    Profile,
    StateWords,
)
from core.config.positions import KeyPath
from core.config.transforms import STEPS, TAG, Lookup
from core.redaction import redact

_TABLES: Mapping[str | int, type[Frozen]] = {
    "columns": EngineColumns,
    "state_words": StateWords,
    "limits": Limits,
    "prepare": Prepare,
    "items": ColumnMapping,
    "subitems": ColumnMapping,
}
DERIVED = ("name", "mapping_set")
"""Fields of a profile that the file does not hold."""
_STEP = (
    "expected 'trim', 'upper', 'lower', 'title' or a table such as "
    '{split = "-", part = 2}, {replace = "BLK", with = "BLACK"}, {lookup = "seasons"} or {decimals = 2}'
)
_EXPECTED = {
    "missing": "expected this key, it is missing",
    "string_type": "expected text",
    "string_too_short": "expected at least one character",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "bool_type": "expected true or false",
    "tuple_type": "expected a list",
    "mapping_type": "expected a table",
    "model_type": "expected a table",
    "dict_type": "expected a table",
    "union_tag_not_found": _STEP,
}
_PATTERNS = {
    "board_id": "expected digits only: the number in the board's address",
    "api_version": "expected a version such as 2026-10",
    "country": "expected a country's two capital letters such as NL",
}


def explain(error: ValidationError, model: type[MappingSet | Profile]) -> Iterator[tuple[KeyPath, str]]:
    """Each fault of pydantic's as (key path, what was expected)."""
    for fault in error.errors(include_url=False):
        told: KeyPath = tuple(fault["loc"])
        path = tuple(part for part in told if not str(part).startswith(TAG))
        kind = str(fault["type"])
        if kind == "extra_forbidden":
            yield path, unknown_key(str(path[-1]), known_keys(told, model))
        elif kind == "string_pattern_mismatch":
            yield path, f"{_PATTERNS[str(path[-1])]}{found_words(fault['input'])}"
        else:
            kind = "union_tag_not_found" if str(told[-1]) == f"{TAG}word" else kind
            words = str(fault["msg"]).removeprefix("Value error, ").replace("Input should be", "expected", 1)
            hint = _step_hint(fault["input"]) if kind == "union_tag_not_found" else ""
            yield path, f"{_EXPECTED.get(kind, words)}{found_words(fault.get('input'))}{hint}"


def faults_of_rules(name: str, mapping: MappingSet) -> Iterator[tuple[KeyPath, str]]:
    """What only the whole set shows, as (key path, what was expected)."""
    sides = (("items", mapping.items), ("subitems", mapping.subitems))
    rules = ((side, place, rule) for side, listed in sides for place, rule in enumerate(listed))
    for side, place, rule in rules:
        if rule.source == "":
            yield (side, place, "source"), _EXPECTED["string_too_short"]
        for step, transform in enumerate(rule.transforms):
            if isinstance(transform, Lookup) and transform.lookup not in mapping.lookups:
                near = difflib.get_close_matches(transform.lookup, mapping.lookups, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                table = f"[mappings.{name}.lookups.{transform.lookup}]"
                yield (
                    (side, place, "transforms", step, "lookup"),
                    f"expected a table {table}, there is none{hint}",
                )


def unknown_key(key: str, known: tuple[str, ...]) -> str:
    """What to say of a key that its table must not have: a near one, or all that it may."""
    near = difflib.get_close_matches(key, known, n=1)
    return (
        f"unknown key; did you mean '{near[0]}'?"
        if near
        else f"unknown key; expected one of {', '.join(known)}"
    )


def known_keys(path: KeyPath, model: type[MappingSet | Profile]) -> tuple[str, ...]:
    """The keys that the table around `path` may have."""
    if step := next((str(part) for part in path if str(part).startswith(TAG)), None):
        fields = STEPS[step.removeprefix(TAG)].model_fields
        return tuple(field.alias or key for key, field in fields.items())
    table = next((_TABLES[part] for part in path[:-1] if part in _TABLES), model)
    names = tuple(field for field in table.model_fields if table is not Profile or field not in DERIVED)
    return (*names, "inherits") if table is Profile else names


def _step_hint(step: Any) -> str:
    """A step's key that one of an unknown table is nearly."""
    keys = step if isinstance(step, Mapping) else ()
    near = [found[0] for key in keys if (found := difflib.get_close_matches(str(key), STEPS, n=1))]
    return f"; did you mean '{near[0]}'?" if near else ""


def found_words(value: Any) -> str:
    """The value as the file has it, where it is short enough to show."""
    return (
        f", found {redact(repr(value))}"
        if isinstance(value, str | int | float | bool) and value != ""
        else ""
    )
