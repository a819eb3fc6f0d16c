"""The JSON of requests: the bytes of `json.dumps`, whatever stands in a payload."""

import json
from datetime import datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.monday.encoding import compact_json
from core.sync.plan import Reference, TargetKind

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_PAYLOADS = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner),
)


@given(_PAYLOADS)
def test_the_bytes_are_those_of_json_dumps_without_blanks(payload):
    expected = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    assert compact_json(payload) == expected


@pytest.mark.parametrize("number", [2**63 - 1, 2**64, -(2**63) - 1, 10**40])
def test_whole_numbers_beyond_64_bits_are_written_in_full(number):
    assert compact_json({"item_ids": [number]}) == f'{{"item_ids":[{number}]}}'.encode()


@pytest.mark.parametrize(
    "value",
    [Reference(TargetKind.ORDER, "a"), datetime(2026, 11, 22), object()],  # noqa: DTZ001  a source's
)
def test_what_json_does_not_know_is_refused_without_a_default(value):
    with pytest.raises(TypeError):
        compact_json({"item_id": value})


def test_the_default_stands_for_dataclasses_and_moments_beside_numbers_of_any_size():
    values = [Reference(TargetKind.ORDER, "a"), datetime(2026, 11, 22), 2**70]  # noqa: DTZ001  a source's
    expected = json.dumps(values, default=repr, separators=(",", ":")).encode()
    assert compact_json(values, repr) == expected


def test_half_of_a_surrogate_pair_is_refused():
    with pytest.raises(UnicodeEncodeError):
        compact_json({"text": "\ud800"})


def test_the_words_of_an_enumeration_are_texts():
    class Word(StrEnum):
        ONE = "one"

    assert compact_json([Word.ONE]) == b'["one"]'
