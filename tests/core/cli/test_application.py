"""The grammar of `deltadesk`: every command explains itself, and wrong usage ends with 2."""

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
