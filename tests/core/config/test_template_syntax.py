"""Templates taken apart, and what is wrong with malformed ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.template_syntax import check_template, template_fault, template_parts


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("", ()),
        ("Orders", ("Orders",)),
        ("{A}", (("A",),)),
        ("{A}_{B C}!", (("A",), "_", ("B C",), "!")),
        ("{A|B}", (("A", "B"),)),
        ("{CUSTOMER ALT PO | PO NUMBER|C}", (("CUSTOMER ALT PO", "PO NUMBER", "C"),)),
        ("{ A }", ((" A ",),)),
    ],
)
def test_a_template_is_texts_and_fields_in_turn(template, parts):
    assert template_parts(template) == parts
    assert template_fault(template) is None
    assert check_template(template) == template


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{A", "expected '}' behind '{A'"),
        ("{A{B}", "expected '}' behind '{A'"),
        ("{A}}", "expected '{' before '}'"),
        ("A} {B}", "expected '{' before 'A}'"),
        ("{}", "expected a source column between the braces in '{}'"),
        ("{ }", "expected a source column between the braces in '{ }'"),
        ("{|}", "expected a source column on both sides of '|' in '{|}'"),
        ("{A| }", "expected a source column on both sides of '|' in '{A| }'"),
        ("{" + "x" * 40, "expected '}' behind '{" + "x" * 30 + "…'"),
    ],
)
def test_what_is_malformed_is_told(template, fault):
    assert template_fault(template) == fault
    with pytest.raises(ValueError, match=r"^expected"):
        check_template(template)


names = st.text(st.characters(exclude_characters="{}|", exclude_categories=("Cs",)), min_size=1).filter(
    str.strip
)


@given(
    st.lists(st.lists(names.map(str.strip), min_size=2, max_size=3) | st.lists(names, min_size=1, max_size=1))
)
def test_any_columns_but_those_with_braces_or_bars_can_be_named(fields):
    template = "-".join("{" + "|".join(field) + "}" for field in fields)
    assert template_fault(template) is None
    assert [part for part in template_parts(template) if isinstance(part, tuple)] == [
        tuple(f) for f in fields
    ]


@given(st.text(st.sampled_from("{}|A -")))
def test_any_text_has_parts_and_at_most_one_fault(template):
    parts = template_parts(template)
    assert all(part for part in parts)
    fault = template_fault(template)
    assert fault is None or fault.startswith("expected ")
