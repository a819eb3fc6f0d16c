"""The keys of a profile that lead to the API: token, proxy, certificates. No `repr` shows a secret."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from core.config.load import parse_configuration
from core.config.model import NO_PROXY, Profile
from core.errors import ConfigurationError
from core.monday import connection
from core.redaction import MASK, redact

SECRET = "hunter2-of-the-proxy"
SOURCE = 'token_source = "practice-board"\n'


def profile(text: str, folder: str = "/etc/deltadesk") -> Profile:
    return parse_configuration(text, Path(folder, "orders.toml")).profiles["demo"]


def test_one_source_stands_for_a_list_of_one(small):
    assert profile(small).token_sources == ("practice-board",)


def test_several_sources_are_tried_in_the_order_of_the_file(small):
    text = small.replace(SOURCE, 'token_source = ["keyring:deltadesk/me", "env:DELTADESK_TOKEN"]\n')
    assert profile(text).token_sources == ("keyring:deltadesk/me", "env:DELTADESK_TOKEN")


def test_without_a_source_it_is_the_keychain_then_the_environment(small):
    text = small.replace(SOURCE, "").replace('api_url = "practice-board"', 'api_url = "https://api"')
    assert profile(text).token_sources == ("keyring:deltadesk/demo", "env:DELTADESK_TOKEN")


def test_without_a_source_the_practice_board_is_opened_by_its_own_token(small):
    assert profile(small.replace(SOURCE, "")).token_sources == ("practice-board",)


@pytest.mark.parametrize("value", ["[]", "5", "true", "{ env = 'X' }"])
def test_what_is_no_list_of_sources_is_refused_on_its_line(value, small, faults_of):
    ((line, told),) = faults_of(small.replace(SOURCE, f"token_source = {value}\n"))
    assert line == 6
    assert "token_source: expected a token source, or a list of several" in told


def test_an_empty_source_in_a_list_is_refused(small, faults_of):
    ((line, told),) = faults_of(small.replace(SOURCE, 'token_source = ["env:A", ""]\n'))
    assert (line, told) == (6, "profiles.demo.token_source.1: expected at least one character")


def test_a_certificate_file_is_looked_for_beside_the_configuration(small):
    assert profile(small.replace(SOURCE, 'ca_file = "company.pem"\n')).ca_file == "/etc/deltadesk/company.pem"
    assert profile(small.replace(SOURCE, 'ca_file = "/srv/company.pem"\n')).ca_file == "/srv/company.pem"


@pytest.mark.parametrize("value", ["http://proxy.example.com:8080", "https://u:p@proxy:443/", "none"])
def test_a_proxy_is_an_address_or_none(value, small):
    assert profile(small.replace(SOURCE, f'proxy = "{value}"\n')).proxy == value


@pytest.mark.parametrize("value", ["proxy.example.com:8080", "socks5://proxy:1080", "http://", "http://a b"])
def test_what_is_no_proxy_is_refused_on_its_line(value, small, faults_of):
    ((line, told),) = faults_of(small.replace(SOURCE, f'proxy = "{value}"\n'))
    assert line == 6
    assert "proxy: expected a proxy's address" in told


def test_the_password_of_a_proxy_is_not_told_when_its_address_is_refused(small, faults_of):
    ((_, told),) = faults_of(small.replace(SOURCE, f'proxy = "ftp://user:{SECRET}@proxy"\n'))
    assert SECRET not in told


def test_the_word_for_no_proxy_is_the_one_that_the_client_knows():
    assert NO_PROXY == connection.DIRECT


@pytest.mark.parametrize(
    "line",
    [
        f'proxy = "http://user:{SECRET}@proxy:8080"',
        f'token_source = "command:vault --key {SECRET}"',
        f'token_source = "{SECRET}"',
    ],
)
def test_the_repr_of_a_profile_shows_no_secret(line, small):
    text = small.replace(SOURCE, f"{line}\n").replace(
        "sqlite:///{data}/orders.db", f"mssql+pyodbc://sa:{SECRET}@sql/ORDERS"
    )
    configuration = parse_configuration(text, Path("orders.toml"))
    for thing in (configuration, configuration.profiles["demo"]):
        assert SECRET not in repr(thing) + str(thing) + f"{thing}"
        assert "demo" in repr(thing)


@pytest.mark.parametrize(
    "address",
    [
        f"mssql+pyodbc://sa:{SECRET}@sql/ORDERS",
        f"mssql+pyodbc:///?odbc_connect=UID%3Dsa%3BPWD%3D%7B{SECRET}%7D%3BEncrypt%3Dyes",
        f"mssql+pyodbc://sql/ORDERS?driver=x&PWD={SECRET}",
    ],
)
def test_a_password_in_an_address_is_masked_from_then_on_wherever_it_stands(address, small):
    profile(small.replace("sqlite:///{data}/orders.db", address))
    assert redact(f"login failed with {SECRET}.") == f"login failed with {MASK}."


def test_a_refused_profile_does_not_tell_its_values():
    with pytest.raises(ValidationError) as caught:
        Profile.model_validate({"name": "x", "database_url": f"mssql://sa:{SECRET}@sql/ORDERS"})
    assert SECRET not in str(caught.value) + repr(caught.value)


def test_a_refused_configuration_does_not_tell_its_passwords(small):
    text = small.replace("sqlite:///{data}/orders.db", f"mssql://sa:{SECRET}@sql/ORDERS").replace(
        'kind = "demo"', 'kind = "toy"'
    )
    with pytest.raises(ConfigurationError) as caught:
        parse_configuration(text, Path("orders.toml"))
    assert SECRET not in str(caught.value)
