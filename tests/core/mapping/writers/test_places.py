"""Countries by code or name."""

import pytest

from core.mapping.writers import RefusedValueError


@pytest.mark.parametrize("value", ["NL", "nl", " nl ", "Netherlands", "NETHERLANDS"])
def test_a_country_is_known_by_its_code_and_its_name_in_any_case(write, value):
    assert write("country", value).json == {"countryCode": "NL", "countryName": "Netherlands"}


@pytest.mark.parametrize("value", ["ß", "\N{KELVIN SIGN}E"])
def test_a_letter_that_folds_to_a_countrys_code_is_no_country(write, value):
    with pytest.raises(RefusedValueError):
        write("country", value)
