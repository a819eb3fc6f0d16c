"""Every test has an application folder of its own, no setting from outside, and no secret of another test."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from core import redaction

pytest_plugins = [
    "tests.database_servers",
    "tests.demo_orders",
    "tests.fault_table",
    "tests.prompt_boards",
    "tests.qt_loop",
    "tests.secret_scan",
]

# How long an example takes depends on the machine, so it decides nothing.
settings.register_profile("fast", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=1_000)
settings.load_profile("thorough" if os.environ.get("DELTADESK_SOAK") == "1" else "fast")


@pytest.fixture(autouse=True)
def data_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The application's data folder, empty and this test's alone. No `DELTADESK_*` setting gets in."""
    for name in [name for name in os.environ if name.startswith("DELTADESK_")]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("DELTADESK_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets of one test mask nothing in another."""
    monkeypatch.setattr(redaction, "_secrets", set())
