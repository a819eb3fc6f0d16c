"""Phone numbers as the board's own rules see them, and the words of a check box."""

import pytest


@pytest.mark.parametrize(
    ("value", "keys", "phone", "country"),
    [
        ("+31 20 794 0800", {}, "+31207940800", "NL"),
        ("020-7940800", {"country": "NL"}, "+31207940800", "NL"),
        ("020 794 0800 nl", {"country": "US"}, "+31207940800", "NL"),
        ("+1 (416) 863-9900", {}, "+14168639900", "CA"),
        ("+44 20 7946 0958 GB", {"country": "NL"}, "+442079460958", "GB"),
    ],
)
def test_a_phone_number_is_written_with_its_country(write, value, keys, phone, country):
    assert write("phone", value, **keys).json == {"phone": phone, "countryShortName": country}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("020 794 0800", "phone_without_country"),
        ("12 NL", "not_a_phone_number"),
        ("+31 20 794 0800 US", "not_a_phone_number"),
        ("+800 1234 5678", "not_a_phone_number"),  # free of charge everywhere: of no country
        ("020 794 0800 ext. 12 NL", "not_a_phone_number"),
        ("call me NL", "not_a_phone_number"),
        ("020 794 0800 XX", "not_a_phone_number"),
    ],
)
def test_what_is_no_number_of_its_country_is_refused(refused, value, code):
    refusal = refused("phone", value)
    assert refusal.code == code
    assert value in str(refusal)


def test_a_check_box_goes_by_the_rule_s_own_words(write, refused):
    keys = {"true_words": ["Ja", "M"], "false_words": ["Nee"]}
    assert write("checkbox", "JA", **keys).json == {"checked": "true"}
    assert write("checkbox", " nee ", **keys).json is None
    refusal = refused("checkbox", "yes", **keys)
    assert "Use Ja or Nee" in refusal.remedy


def test_a_boolean_of_the_database_needs_no_words(write):
    assert write("checkbox", False, true_words=["Ja"]).json is None
    assert write("checkbox", True, true_words=["Ja"]).json == {"checked": "true"}
