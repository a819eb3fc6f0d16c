"""`deltadesk mapping` and `deltadesk check --data`."""

import json
from pathlib import Path

import pytest

CUSTOMER = "ATELIER ÉTOILE"


@pytest.fixture
def mapping(desk, invoke):
    """Call a command of `deltadesk mapping` at the desk."""

    def call(*arguments: str):
        place = ("--config", str(desk.configuration_file), "--profile", "practice")
        return invoke("mapping", *arguments, *place)

    return call


@pytest.fixture
def changed_by_hand(desk, at_desk) -> None:
    """Two versions: a run with the shipped mapping, and one after an edit of the item name."""
    assert at_desk("run", "--yes", "--customer", CUSTOMER, "--limit", "1").exit_code == 0
    text = desk.configuration_file.read_text(encoding="utf-8")
    text = text.replace('subitem_name = "{size_code}"', 'subitem_name = "Size {size_code}"')
    desk.configuration_file.write_text(text, encoding="utf-8")
    assert at_desk("run", "--yes", "--customer", CUSTOMER, "--limit", "1").exit_code == 0


def test_without_a_version_the_list_says_when_there_will_be_one(mapping):
    result = mapping("versions")
    assert result.exit_code == 0
    assert "the first run keeps the mapping" in result.stdout


@pytest.mark.usefixtures("changed_by_hand")
def test_versions_are_listed_newest_first_and_reports_name_them(mapping, at_desk):
    listed = json.loads(mapping("versions", "--json").stdout)
    assert (listed["profile"], listed["mapping"]) == ("practice", "order_list")
    assert [(each["number"], each["current"]) for each in listed["versions"]] == [(2, True), (1, False)]
    assert "found at the start of a run" in mapping("versions").stdout

    runs = json.loads(at_desk("report", "--json").stdout)["runs"]
    assert [(run["mapping"], run["mapping_version"]) for run in runs] == [
        ("order_list", 2),
        ("order_list", 1),
    ]
    assert "order_list 2" in at_desk("report").stdout
    assert "mapping order_list version 1" in at_desk("report", runs[1]["run_id"]).stdout


@pytest.mark.usefixtures("changed_by_hand")
def test_two_versions_are_compared_in_words(mapping):
    told = mapping("diff", "1", "2")
    assert told.stdout == "subitem_name: '{size_code}' -> 'Size {size_code}'\n"
    assert json.loads(mapping("diff", "2", "1", "--json").stdout)["changes"] == [
        "subitem_name: 'Size {size_code}' -> '{size_code}'"
    ]
    assert "are the same" in mapping("diff", "1", "1").stdout


@pytest.mark.usefixtures("changed_by_hand")
def test_a_version_is_shown_as_the_file_had_it(mapping):
    shown = mapping("show", "1").stdout
    assert 'subitem_name = "{size_code}"' in shown
    assert "# Key column" in shown
    assert json.loads(mapping("show", "2", "--json").stdout)["mapping"]["subitem_name"] == "Size {size_code}"


@pytest.mark.usefixtures("changed_by_hand")
def test_a_version_is_restored_only_when_somebody_says_yes(desk, mapping):
    changed = desk.configuration_file.read_text(encoding="utf-8")
    refused = mapping("restore", "1")
    assert refused.exit_code == 2
    assert "Add --yes" in refused.stderr
    assert desk.configuration_file.read_text(encoding="utf-8") == changed

    restored = mapping("restore", "1", "--yes")
    assert restored.exit_code == 0, restored.stderr
    assert "as mapping order_list version 3" in restored.stdout
    assert "change" in restored.stderr
    assert 'subitem_name = "{size_code}"' in desk.configuration_file.read_text(encoding="utf-8")


def test_a_version_that_there_is_not_ends_with_the_exit_code_of_a_wrong_call(mapping):
    for command in (("show", "4"), ("diff", "1", "4"), ("restore", "4", "--yes")):
        result = mapping(*command)
        assert result.exit_code == 2
        assert "There is no version" in result.stderr
        assert "Traceback" not in result.output


def test_the_impact_of_another_file_is_counted_with_samples(desk, mapping, tmp_path: Path):
    other = tmp_path / "other.toml"
    text = desk.configuration_file.read_text(encoding="utf-8")
    other.write_text(text.replace('"{size_code}"', '"Size {size_code}"'), encoding="utf-8")
    told = json.loads(mapping("impact", str(other), "--json").stdout)
    assert (told["orders"], told["becomes_invalid"]) == (469, 0)
    assert told["columns"] == [{"record": "line", "column": "Name", "count": told["changed"]}]
    shown = mapping("impact", str(other)).stdout
    assert "2,932 lines" in shown
    assert "'Size " in shown


def test_an_impact_of_a_file_that_is_wrong_says_where(mapping, tmp_path: Path):
    other = tmp_path / "other.toml"
    other.write_text('default_profile = "none"\n', encoding="utf-8")
    result = mapping("impact", str(other))
    assert result.exit_code == 2
    assert str(other) in result.stderr


def test_values_that_would_be_refused_end_the_check_with_its_own_exit_code(desk, at_desk):
    result = at_desk("check", "--data", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["ok"], told["exit_code"]) == (False, 1)
    assert all(check["ok"] for check in told["checks"])
    data = told["data"]
    assert (data["orders"], data["refused_orders"], data["refused_lines"]) == (469, 4, 2)
    assert {finding["code"] for finding in data["findings"]} >= {"label_not_on_board", "not_a_date"}
    shown = at_desk("check", "--data")
    assert "The board has no label 'Cut & Sew'" in shown.stdout
    assert "What to do:" in shown.stdout
    assert desk.mutations == []


def test_a_customer_s_sound_values_pass(at_desk):
    result = at_desk("check", "--data", "--customer", CUSTOMER)
    assert result.exit_code == 0, result.stdout
    assert "38 orders" in result.stdout


def test_values_are_not_looked_at_while_the_configuration_is_wrong(at_desk, reconfigure):
    reconfigure("api_url =", 'column_ids = { text_handling = "text_handeling" }\napi_url =')
    result = at_desk("check", "--data")
    assert result.exit_code == 2
    assert "correct the configuration first" in result.stderr
    assert json.loads(at_desk("check", "--data", "--json").stdout)["data"] is None


def test_a_customer_without_data_is_a_wrong_call(at_desk):
    result = at_desk("check", "--customer", CUSTOMER)
    assert result.exit_code == 2
    assert "--data" in result.stderr
