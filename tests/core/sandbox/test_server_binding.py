"""Nobody but this machine reaches a practice board."""

import socket
from pathlib import Path

import pytest

from core.sandbox import server
from core.sandbox.options import SandboxOptions
from core.sandbox.server import bind


def options(host: str, tmp_path: Path) -> SandboxOptions:
    return SandboxOptions(state=tmp_path / "state.db", fixture=tmp_path / "board.json", token="t", host=host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "192.168.0.1", "10.0.0.1", "example.invalid", "localhost.invalid", "*"]
)
def test_any_other_address_is_refused(host, tmp_path):
    with pytest.raises(ValueError, match="loopback"):
        options(host, tmp_path)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_it_listens_on_loopback_alone(host, tmp_path):
    with bind(options(host, tmp_path)) as listener:
        assert listener.getsockname()[0].startswith("127.")


def test_a_name_that_leads_elsewhere_is_refused_and_nothing_stays_bound(tmp_path, monkeypatch):
    """A hosts file may say of `localhost` what it likes."""
    made = []

    class Elsewhere(socket.socket):
        def bind(self, _address):
            super().bind(("0.0.0.0", 0))
            made.append(self)

    monkeypatch.setattr(server.socket, "socket", Elsewhere)
    with pytest.raises(OSError, match="no loopback address"):
        bind(options("localhost", tmp_path))
    assert [each.fileno() for each in made] == [-1]
