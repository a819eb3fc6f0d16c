"""Certificates are always checked, proxies are honoured, and no message shows a proxy's password.

The server, its authority and the proxy are real ones on loopback. `board.example` exists nowhere: only over
the proxy does a call for it arrive, and nobody looks the name up.
"""

import ast
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

import core
import gui
from core.errors import BoardError, ConfigurationError, ExitCode
from core.monday.client import CallFailedError, MondayClient
from core.monday.errors import FaultKind
from tests.core.monday.secure_server import Proxy, SecureServer, proxying, serving

TOKEN = "tk-51f0c2a9"
PASSWORD = "p%40ss-of-the-proxy"
BODY = b'{"query": "{ me { id } }"}'
BOARD = "https://board.example/v2"
NOBODY = "https://127.0.0.2:9/v2"
"""Nobody listens there, and it is not the address that never goes over a proxy."""
SETTINGS = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that nobody knows."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "company.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def certificate(authority: trustme.CA, *names: str, until: datetime | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    begin = until - timedelta(days=2) if until else None
    authority.issue_cert(*names, not_before=begin, not_after=until).configure_cert(context)
    return context


@pytest.fixture
async def server(authority: trustme.CA) -> AsyncIterator[SecureServer]:
    async with serving(certificate(authority, "127.0.0.1", "board.example")) as made:
        yield made


@pytest.fixture
async def proxy(server: SecureServer) -> AsyncIterator[Proxy]:
    async with proxying(server.port) as made:
        yield made


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., MondayClient]]:
    made: list[MondayClient] = []

    def make(url: str, **settings: str | None) -> MondayClient:
        made.append(MondayClient(url, "2026-10", TOKEN, timeout_seconds=20.0, **settings))
        return made[-1]

    yield make
    for client in made:
        await client.close()


async def fault_of(client: MondayClient):
    with pytest.raises(CallFailedError) as caught:
        await client.execute(BODY)
    fault = caught.value.fault
    assert fault.remedy
    assert not fault.may_have_applied
    return fault


def here(server: SecureServer) -> str:
    return f"https://127.0.0.1:{server.port}/v2"


# --- Certificates


async def test_a_server_of_an_unknown_authority_is_refused_before_the_token_is_sent(server, connect):
    fault = await fault_of(connect(here(server)))
    assert (fault.kind, fault.code) == (FaultKind.CONFIGURATION, "TLS_NOT_TRUSTED")
    assert fault.message == (
        "The server's certificate is not trusted: unable to get local issuer certificate"
    )
    assert "ca_file" in fault.remedy
    assert server.tokens == []


async def test_a_refused_certificate_ends_a_command_as_wrong_configuration(server, connect):
    with pytest.raises(BoardError) as caught:
        await connect(here(server)).query("{ me { id } }")
    assert caught.value.exit_code is ExitCode.USAGE


async def test_with_the_authority_in_ca_file_it_is_accepted(server, connect, ca_file):
    answer = await connect(here(server), ca_file=str(ca_file)).execute(BODY)
    assert answer.data == {"me": {"id": "1"}}
    assert server.tokens == [TOKEN]


async def test_with_the_authority_in_the_environment_it_is_accepted(server, connect, ca_file, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    assert (await connect(here(server)).execute(BODY)).http_status == 200


async def test_ca_file_is_trusted_beside_the_environment_s(server, connect, ca_file, monkeypatch, tmp_path):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    assert (await connect(here(server), ca_file=str(ca_file)).execute(BODY)).http_status == 200


@pytest.mark.parametrize(
    ("names", "until", "message", "remedy"),
    [
        (["other.example"], None, "not valid for '127.0.0.1'", "Check api_url"),
        (["127.0.0.1"], datetime(2020, 1, 3, tzinfo=UTC), "certificate has expired", "clock"),
    ],
    ids=["another name", "expired"],
)
async def test_a_certificate_of_a_trusted_authority_is_still_looked_at(
    names, until, message, remedy, authority, connect, ca_file
):
    async with serving(certificate(authority, *names, until=until)) as server:
        fault = await fault_of(connect(here(server), ca_file=str(ca_file)))
        assert server.tokens == []
    assert fault.code == "TLS_NOT_TRUSTED"
    assert message in fault.message
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file"),
        ("", "holds no certificate"),
        ("rubbish", "holds no certificate"),
    ],
)
@pytest.mark.parametrize("setting", ["ca_file", "SSL_CERT_FILE"])
def test_a_certificate_file_that_is_none_is_named(content, reason, setting, tmp_path, monkeypatch):
    path = tmp_path / "company.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path)) if setting == "SSL_CERT_FILE" else None
    with pytest.raises(ConfigurationError, match=reason) as caught:
        MondayClient(
            BOARD, "2026-10", TOKEN, timeout_seconds=1, ca_file=str(path) if setting == "ca_file" else None
        )
    assert caught.value.problem.subject == f"{setting}: {path}"


@pytest.mark.parametrize("url", ["http://api.monday.com/v2", "http://192.168.0.7/v2", "http://127.0.0.1.x/"])
def test_a_token_never_travels_unencrypted(url):
    with pytest.raises(ConfigurationError, match="unencrypted"):
        MondayClient(url, "2026-10", TOKEN, timeout_seconds=1)


def _modules() -> Iterator[Path]:
    for package in (core, gui):
        yield from sorted(Path(package.__file__).parent.rglob("*.py"))


def test_nothing_in_the_source_turns_the_checks_off():
    """`verify=False`, `CERT_NONE`, an unverified context, `check_hostname = False`."""
    forbidden = {"CERT_NONE", "CERT_OPTIONAL", "_create_unverified_context", "_create_stdlib_context"}
    found = []
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            off = isinstance(node, ast.Attribute | ast.Name) and (
                getattr(node, "attr", None) or getattr(node, "id", None)
            ) in (forbidden | {"check_hostname"})
            off |= (
                isinstance(node, ast.keyword)
                and node.arg == "verify"
                and isinstance(node.value, ast.Constant)
            )
            if off:
                found.append(f"{path.name}:{getattr(node, 'lineno', 0) or node.value.lineno}")
    assert found == []


# --- Proxies


async def test_the_proxy_of_the_environment_is_used_with_its_user_and_password(
    server, proxy, connect, ca_file, monkeypatch
):
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@127.0.0.1:{proxy.port}")
    answer = await connect(BOARD, ca_file=str(ca_file)).execute(BODY)
    assert answer.data == {"me": {"id": "1"}}
    (asked,) = proxy.asked
    assert asked.startswith("CONNECT board.example:443 ")
    assert "Proxy-Authorization: Basic " in asked
    assert TOKEN not in asked
    assert server.tokens == [TOKEN]


async def test_the_profile_s_proxy_goes_before_the_environment_s(proxy, connect, ca_file, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    client = connect(BOARD, ca_file=str(ca_file), proxy=f"http://127.0.0.1:{proxy.port}")
    assert (await client.execute(BODY)).http_status == 200
    assert len(proxy.asked) == 1


@pytest.mark.parametrize("names", ["127.0.0.2", "*"])
async def test_no_proxy_of_the_environment_is_honoured(names, proxy, connect, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", names)
    fault = await fault_of(connect(NOBODY))
    assert fault.code == "CANNOT_CONNECT"
    assert "proxy http" not in fault.message
    assert proxy.asked == []


async def test_the_word_none_goes_past_the_environment_s_proxy(proxy, connect, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    assert (await fault_of(connect(NOBODY, proxy="none"))).code == "CANNOT_CONNECT"
    assert proxy.asked == []


@pytest.mark.parametrize("proxy_setting", [None, "profile"])
async def test_this_machine_is_never_reached_over_a_proxy(
    proxy_setting, server, proxy, connect, ca_file, monkeypatch
):
    address = f"http://127.0.0.1:{proxy.port}"
    monkeypatch.setenv("HTTPS_PROXY", address)
    client = connect(here(server), ca_file=str(ca_file), proxy=address if proxy_setting else None)
    assert (await client.execute(BODY)).http_status == 200
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("status", "kind", "remedy"),
    [
        ("407 Proxy Authentication Required", FaultKind.CONFIGURATION, "user and password"),
        ("403 Forbidden", FaultKind.CONFIGURATION, "Ask who runs the proxy"),
        ("502 Bad Gateway", FaultKind.TRANSIENT, "Ask who runs the proxy"),
    ],
)
@pytest.mark.parametrize("setting", ["environment", "profile"])
async def test_a_proxy_that_refuses_is_told_without_its_password(
    status, kind, remedy, setting, connect, monkeypatch
):
    async with proxying(status=status) as proxy:
        address = f"http://me:{PASSWORD}@127.0.0.1:{proxy.port}"
        if setting == "environment":
            monkeypatch.setenv("HTTPS_PROXY", address)
        fault = await fault_of(connect(BOARD, proxy=address if setting == "profile" else None))
    assert (fault.kind, fault.code) == (kind, "PROXY_REFUSED")
    assert fault.message == f"The proxy http://127.0.0.1:{proxy.port} refused: {status}"
    assert remedy in fault.remedy
    assert PASSWORD not in repr(fault)


async def test_a_proxy_that_repeats_the_password_does_not_bring_it_into_the_message(connect):
    async with proxying(status="403 p@ss-of-the-proxy is no password") as proxy:
        fault = await fault_of(connect(BOARD, proxy=f"http://me:{PASSWORD}@127.0.0.1:{proxy.port}"))
    assert "p@ss-of-the-proxy" not in fault.message


async def test_a_proxy_that_is_away_is_named_without_its_password(connect):
    async with proxying() as gone:
        address = f"http://me:{PASSWORD}@127.0.0.1:{gone.port}"
    fault = await fault_of(connect(BOARD, proxy=address))
    assert (fault.kind, fault.code) == (FaultKind.TRANSIENT, "CANNOT_CONNECT")
    assert f"over the proxy http://127.0.0.1:{gone.port}:" in fault.message
    assert PASSWORD not in repr(fault)


@pytest.mark.parametrize(
    "address", [f"socks5://me:{PASSWORD}@h:1080", f"foo://me:{PASSWORD}@h", f"http://me:{PASSWORD}@h:port"]
)
def test_a_proxy_setting_that_is_none_is_told_without_its_password(address, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(ConfigurationError, match="The proxy setting cannot be used") as caught:
        MondayClient(BOARD, "2026-10", TOKEN, timeout_seconds=1)
    assert PASSWORD not in str(caught.value)
    assert "p@ss" not in str(caught.value)


async def test_an_authority_is_asked_for_behind_a_proxy_that_looks_into_traffic(
    authority, connect, monkeypatch
):
    """It shows a certificate of its own in the server's place."""
    async with (
        serving(certificate(trustme.CA(), "board.example")) as own,
        proxying(own.port) as proxy,
    ):
        fault = await fault_of(connect(BOARD, proxy=f"http://127.0.0.1:{proxy.port}"))
        assert own.tokens == []
    assert fault.code == "TLS_NOT_TRUSTED"
    assert "ask for its certificate" in fault.remedy
