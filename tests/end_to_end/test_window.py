"""The whole window on real files, a real board and real HTTP: the main job, and all that fails at opening."""

import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QTreeView

from core.demo.testing import PROFILE, DemoDesk
from core.resources import shipped_configuration
from gui.desktop import Desktop
from gui.widgets.dialogs import ProblemDialog
from tests.end_to_end import window_driver as driver
from tests.qt_loop import RunAsync

# The offscreen platform says so whenever a window with a minimum size, or a menu, is shown.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def desktop(new_desktop: Callable[[], Desktop]) -> Desktop:
    """A window with preferences of its own."""
    return new_desktop()


def test_one_customer_is_pushed_repaired_and_sent_again(desktop: Desktop, run_async: RunAsync) -> None:
    async def job() -> Any:
        desktop.window.show()
        await driver.open_desktop(desktop, shipped_configuration(), "demo")
        try:
            return await driver.Operator(desktop).whole_job()
        finally:
            await driver.close_desktop(desktop)

    seen = run_async(job())
    check_seen(seen)


def check_seen(seen: Any) -> None:
    """What an operator must have seen on the way, by any means of input."""
    assert seen.customers_found == ["LINDEN & LOOM"]
    assert seen.push_button == "Push 30 orders"
    assert seen.planned_orders == 30
    assert seen.first_run == {
        "orders_synced": 29,
        "orders_failed": 1,
        "lines_synced": 149,
        "lines_failed": 1,
    }
    assert len(seen.failures) == 1
    assert "The board has no label 'XX-SMALL' in column Size" in seen.problem
    assert "correct the value, then send again" in seen.problem
    assert seen.second_run == {"orders_synced": 1, "orders_failed": 0, "lines_synced": 1, "lines_failed": 0}
    assert seen.failures_left == 0
    assert seen.state_in_table == "Synced"
    assert sorted(seen.on_board).count("XXS") == 1
    assert len(seen.on_board) == 4


def _missing_file(desk: DemoDesk) -> tuple[Path, str]:
    return desk.folder / "nowhere.toml", PROFILE


def _malformed_toml(desk: DemoDesk) -> tuple[Path, str]:
    path = desk.folder / "broken.toml"
    path.write_text('default_profile = "demo"\n[profiles.demo\n', encoding="utf-8")
    return path, PROFILE


def _wrong_key(desk: DemoDesk) -> tuple[Path, str]:
    path = desk.folder / "typo.toml"
    text = desk.configuration_file.read_text(encoding="utf-8")
    path.write_text(text.replace("records_per_request", "records_per_reqest"), encoding="utf-8")
    return path, PROFILE


def _unknown_profile(desk: DemoDesk) -> tuple[Path, str]:
    return desk.configuration_file, "prctice"


def _without_token(desk: DemoDesk) -> tuple[Path, str]:
    return _changed(desk, 'token_source = "env:DELTADESK_TEST_TOKEN"')


def _wrong_token(desk: DemoDesk) -> tuple[Path, str]:
    token = desk.folder / "token"
    token.write_text("not-the-boards-token", encoding="utf-8")
    token.chmod(0o600)
    return _changed(desk, f'token_source = "file:{token.as_posix()}"')


def _unreachable_api(desk: DemoDesk) -> tuple[Path, str]:
    with socket.socket() as taken_and_left:
        taken_and_left.bind(("127.0.0.1", 0))
        port = taken_and_left.getsockname()[1]
    return _changed(desk, f'api_url = "http://127.0.0.1:{port}/v2"')


def _missing_table(desk: DemoDesk) -> tuple[Path, str]:
    with closing(sqlite3.connect(desk.orders)) as connection:
        connection.execute('DROP TABLE "ORDER_LIST_LINES_DELTA"')
    return _changed(desk, "")


def _missing_database(desk: DemoDesk) -> tuple[Path, str]:
    return _changed(desk, 'database_url = "sqlite:///{data}/no-such.db"')


def _changed(desk: DemoDesk, line: str) -> tuple[Path, str]:
    """A profile that inherits from the right one, but for one line."""
    path = desk.folder / "changed.toml"
    text = desk.configuration_file.read_text(encoding="utf-8")
    path.write_text(f'{text}\n[profiles.wrong]\ninherits = "{PROFILE}"\n{line}\n', encoding="utf-8")
    return path, "wrong"


def test_the_list_of_keys_names_those_that_one_page_alone_knows(desktop: Desktop) -> None:
    assert ("Ctrl+S", "Mappings: save") in desktop.window.shortcuts()
    assert ("Space", "Orders: check or clear the selected rows") in desktop.window.shortcuts()


@pytest.mark.parametrize(
    ("make", "what", "where", "remedy"),
    [
        pytest.param(_missing_file, "does not exist", "nowhere.toml", "Check the path", id="missing file"),
        pytest.param(
            _malformed_toml, "not valid TOML", "broken.toml, line 2", "Correct this line", id="malformed"
        ),
        pytest.param(
            _wrong_key, "did you mean 'records_per_request'", "typo.toml, line", "Correct", id="key"
        ),
        pytest.param(_unknown_profile, "no profile 'prctice'", "desk.toml", "Did you mean", id="profile"),
        pytest.param(
            _without_token, "DELTADESK_TEST_TOKEN is not set", "env:", "Set DELTADESK_TEST", id="no token"
        ),
        pytest.param(_wrong_token, "refuses the token", "127.0.0.1", "Check the token", id="wrong token"),
        pytest.param(_unreachable_api, "No connection", "127.0.0.1", "api_url", id="unreachable API"),
        pytest.param(
            _missing_table, "no table 'ORDER_LIST_LINES_DELTA'", "lines_table", "Correct", id="missing table"
        ),
        pytest.param(_missing_database, "does not exist", "no-such.db", "database_url", id="no database"),
    ],
)
def test_what_is_wrong_at_opening_is_told_with_its_place_and_remedy_and_the_window_stays_usable(
    make: Callable[[DemoDesk], tuple[Path, str]],
    what: str,
    where: str,
    remedy: str,
    desk: DemoDesk,
    desktop: Desktop,
    run_async: RunAsync,
) -> None:
    intact = desk.folder / "intact.db"
    intact.write_bytes(desk.orders.read_bytes())
    path, profile = make(desk)

    async def job() -> tuple[list[str], int]:
        desktop.window.show()
        desktop.open(path, profile)
        operator = driver.Operator(desktop)
        try:
            await operator.until(lambda: bool(_dialogs(desktop)) and not desktop.tasks.running)
            told = [dialog.words() for dialog in _dialogs(desktop)]
            for dialog in _dialogs(desktop):
                operator.click(dialog.close_button)
            await operator.until(lambda: not _dialogs(desktop))
            desk.orders.write_bytes(intact.read_bytes())
            await driver.open_desktop(desktop, desk.configuration_file, PROFILE)
            return told, driver.shown(desktop.orders, QTreeView).model().rowCount()
        finally:
            await driver.close_desktop(desktop)

    told, customers = run_async(job())
    assert len(told) == 1, told
    for part in (what, where, remedy):
        assert part in told[0]
    assert "Traceback" not in told[0]
    assert "not-the-boards-token" not in told[0]
    assert customers == 9


def _dialogs(desktop: Desktop) -> list[ProblemDialog]:
    return [dialog for dialog in desktop.window.findChildren(ProblemDialog) if dialog.isVisible()]
