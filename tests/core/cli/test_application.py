"""The grammar of `deltadesk`: every command explains itself, and wrong usage ends with 2."""

import json

import pytest
import typer

from core import __version__
from core.cli.application import application

COMMANDS = sorted(typer.main.get_command(application).commands)


def test_the_command_without_words_shows_its_help(invoke):
    result = invoke()
    assert all(command in result.output for command in COMMANDS)
    assert "Exit codes" in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(invoke, command):
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_the_version_is_told(invoke):
    assert invoke("--version").stdout == f"deltadesk {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("run", "--nonsense"),
        ("run", "--limit", "0"),
        ("run", "--limit", "many"),
        ("report", "a", "b"),
    ],
)
def test_wrong_usage_ends_with_2(invoke, arguments):
    assert invoke(*arguments).exit_code == 2


def with_json(group, *words):
    """The words of every command that gives JSON, those of the groups too."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from with_json(command, *words, name)
        elif any("--json" in parameter.opts for parameter in command.params):
            yield (*words, name)


JSON_COMMANDS = list(with_json(typer.main.get_command(application)))


@pytest.mark.parametrize("words", JSON_COMMANDS, ids=" ".join)
def test_wrong_usage_under_json_is_an_object_with_the_error(invoke, words):
    result = invoke(*words, "--json", "--nonsense")
    assert result.exit_code == 2
    assert result.stderr == ""
    told = json.loads(result.stdout)
    assert told["exit_code"] == 2
    (problem,) = told["error"]
    assert problem["code"] == "wrong_usage"
    assert "--nonsense" in problem["title"]
    assert problem["subject"].endswith(" ".join(words))
    assert f"{' '.join(words)} --help" in problem["remedy"]


def test_the_groups_are_among_the_commands_that_give_json():
    assert {("run",), ("db", "status"), ("board", "diff"), ("mapping", "versions")} <= set(JSON_COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--json", "--limit", "0"), "--limit"),
        (("run", "--limit", "many", "--json"), "--limit"),
        (("run", "3f2a", "--json"), "--resume"),
        (("check", "--limit", "3", "--json"), "--limit: choose orders whose values are looked at"),
        (("report", "a", "b", "--json"), "b"),
        (("board", "diff", "a", "--json"), "B"),
        (("nonsense", "--json"), "nonsense"),
        (("--json", "orders"), "--json"),
    ],
)
def test_every_sort_of_wrong_usage_is_told_in_json_where_that_is_asked_for(invoke, arguments, words):
    result = invoke(*arguments)
    assert result.exit_code == 2
    (problem,) = json.loads(result.stdout)["error"]
    assert words in problem["title"]


def test_what_stands_behind_two_dashes_asks_for_no_json(invoke):
    result = invoke("report", "--", "a", "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage" in result.stderr


@pytest.mark.parametrize("command", ["orders", "preview", "run", "retry", "check", "report"])
def test_an_unknown_profile_ends_with_2_and_names_those_that_exist(desk, invoke, command):
    result = invoke(command, "--config", str(desk.configuration_file), "--profile", "practise")
    assert result.exit_code == 2
    assert "There is no profile 'practise'" in result.stderr
    assert "Did you mean 'practice'?" in result.stderr


@pytest.mark.parametrize("command", ["orders", "preview", "run", "retry"])
def test_an_unknown_customer_ends_with_2_and_names_those_that_exist(at_desk, command):
    result = at_desk(command, "--customer", "NOBODY")
    assert result.exit_code == 2
    assert "There are no orders of 'NOBODY'" in result.stderr
    assert "GREYSON CLOTHIERS" in result.stderr


def test_a_configuration_that_is_no_toml_is_told_with_file_and_line(tmp_path, invoke):
    file = tmp_path / "broken.toml"
    file.write_text('default_profile = "demo"\n\n[profiles.demo\nkind = "demo"\n', encoding="utf-8")
    result = invoke("orders", "--config", str(file))
    assert result.exit_code == 2
    assert f"{file}, line 3" in result.stderr.replace("\n", "")
    assert "Traceback" not in result.output


def test_a_missing_configuration_is_told_with_its_path(tmp_path, invoke):
    result = invoke("orders", "--config", str(tmp_path / "nowhere.toml"))
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_a_log_that_cannot_be_written_does_not_keep_a_command_from_working(
    at_desk, data_home, monkeypatch, tmp_path
):
    file = tmp_path / "a file"
    file.write_text("in the place of a folder")
    monkeypatch.setenv("DELTADESK_HOME", str(file))
    result = at_desk("orders", "--json")
    assert result.exit_code == 0
    assert "No log is kept" in result.stderr
