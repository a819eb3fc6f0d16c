import asyncio
import gc
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QAbstractButton, QComboBox

from core.config.load import load_configuration
from core.config.model import Configuration, MappingSet, Profile, ProfileKind
from core.demo.practice import opened_profile
from core.errors import BoardError, Problem
from core.monday.board import Board, BoardSchema
from core.redaction import MASK
from core.resources import shipped_configuration
from core.workspace import CheckResult
from gui.pages.settings import SettingsPage, database_words, token_words
from gui.task_owner import TaskOwner
from gui.theme import Density, Scheme

PASSWORD = "s3cret-pass"


def make_profile(name="production", **changes) -> Profile:
    values = {
        "name": name,
        "kind": ProfileKind.PRODUCTION,
        "api_url": "https://api.monday.com/v2",
        "token_source": "keyring:deltadesk/production",
        "board_id": "4711",
        "database_url": f"mssql+pyodbc://app:{PASSWORD}@sql.example.com/ORDERS?driver=ODBC+Driver+18",
        "mapping": "m",
        "mapping_set": MappingSet(group_name="{C}", item_name="{C}", subitem_name="{S}"),
    }
    return Profile(**{**values, **changes})


PROFILES = {
    "demo": make_profile("demo", kind=ProfileKind.DEMO, api_url="practice-board"),
    "production": make_profile(),
}
CONFIGURATION = Configuration(path="/somewhere/orders.toml", default_profile="demo", profiles=PROFILES)
WRONG = Problem("label_missing", "The board has no column 'x'", "board 1", "Add the column.")


class Profiles:
    """A workspace that knows its profile and its board."""

    def __init__(self, name="production") -> None:
        self.configuration = CONFIGURATION
        self.profile = PROFILES[name]
        self.board_problem: Problem | None = None
        self.results = (CheckResult("database", True, "12 orders of 3 customers"),)
        self.waits = asyncio.Event()
        self.waits.set()

    async def board(self, *, refresh=False):
        if self.board_problem:
            raise BoardError(self.board_problem)
        return BoardSchema(Board("4711", "Order list", ()), None, account="Acme", user="Operator")

    async def check(self):
        await self.waits.wait()
        return self.results


@pytest.fixture(autouse=True)
def _garbage_is_collected_on_this_thread():
    """A page that ends in one of the workspace's worker threads, as garbage, takes Qt down with it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def tasks():
    def fail(name, error):
        raise error

    return TaskOwner(on_problem=fail, on_bug=fail)


@pytest.fixture
def page(qtbot, theme, preferences, tasks):
    page = SettingsPage(tasks, preferences)
    page.resize(1000, 900)
    qtbot.addWidget(page)
    page.show()
    return page


def facts(page):
    return {name: label.text() for name, label in page._facts.items()}


async def ended(tasks):
    while tasks.running:
        await asyncio.sleep(0.01)


def open_profile(page, run_async, workspace):
    async def act():
        page.set_workspace(workspace)
        await page.reload()

    run_async(act())


def test_that_everything_about_the_open_profile_is_told(page, run_async, data_home):
    open_profile(page, run_async, Profiles())
    told = facts(page)
    assert told["Kind"] == "production"
    assert told["Configuration file"] == "/somewhere/orders.toml"
    assert (told["Board"], told["Board id"], told["Account"], told["User"]) == (
        "Order list", "4711", "Acme", "Operator",
    )  # fmt: skip
    assert (told["Address"], told["Version"]) == ("https://api.monday.com/v2", "2026-10")
    assert told["Token from"] == "keychain deltadesk/production"
    assert told["Data folder"] == str(data_home)
    assert page.badge.text() == "Production"
    assert page.badge.kind == "production"


def test_that_no_password_is_shown(page, run_async):
    open_profile(page, run_async, Profiles())
    assert (
        facts(page)["Orders database"]
        == f"mssql+pyodbc://app:{MASK}@sql.example.com/ORDERS?driver=ODBC Driver 18"
    )
    assert not [text for text in facts(page).values() if PASSWORD in text]


@pytest.mark.parametrize(
    "address",
    [
        f"mssql+pyodbc://app:{PASSWORD}@sql/ORDERS",
        f"mssql+pyodbc://app:p%40{PASSWORD}@sql/ORDERS",
        f"mssql+pyodbc:///?odbc_connect=Driver%3DX%3BUID%3Dapp%3BPWD%3D{PASSWORD}%3BServer%3Dsql",
        f"mssql+pyodbc://sql/ORDERS?Password={PASSWORD}",
    ],
)
def test_that_a_password_is_masked_wherever_an_address_may_hold_it(address):
    words = database_words(make_profile(database_url=address))
    assert PASSWORD not in words
    assert MASK in words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("env:DELTADESK_TOKEN", "environment variable DELTADESK_TOKEN"),
        ("keyring:deltadesk/x", "keychain deltadesk/x"),
        ("file:~/token", "file ~/token"),
        ("command:vault read --key 1234567", f"command: vault {MASK}"),
        ("command:vault", "command: vault"),
    ],
)
def test_that_a_token_source_says_where_never_what(source, words):
    assert token_words(source) == words


def test_that_the_practice_board_is_named_instead_of_its_address(page, run_async):
    open_profile(page, run_async, Profiles("demo"))
    assert facts(page)["Address"] == "the practice board on this machine"


def test_that_another_profile_is_asked_for_and_shown_only_once_it_is_open(page, run_async, qtbot):
    open_profile(page, run_async, Profiles("demo"))
    combo = page.profile_combo
    with qtbot.waitSignal(page.profile_chosen) as asked:
        combo.activated.emit(combo.findData("production"))
    assert asked.args == ["production"]
    assert combo.currentData() == "demo"
    page.set_workspace(Profiles("production"))
    assert combo.currentData() == "production"
    with qtbot.assertNotEmitted(page.profile_chosen):
        combo.activated.emit(combo.currentIndex())


def test_that_profiles_can_be_chosen_while_none_is_open(page, qtbot):
    page.set_configuration(CONFIGURATION)
    assert not page.check_button.isEnabled()
    with qtbot.waitSignal(page.profile_chosen) as asked:
        page.profile_combo.activated.emit(0)
    assert asked.args == ["demo"]


def test_that_a_board_out_of_reach_is_said(page, run_async):
    workspace = Profiles()
    workspace.board_problem = Problem("unreachable", "The board does not answer", "board 4711", "Try later.")
    open_profile(page, run_async, workspace)
    assert page._panel.isVisible()
    assert "Try later." in page._panel.words()
    assert facts(page)["Board id"] == "4711"


def test_that_a_check_lists_every_result_with_its_remedy(page, run_async, tasks):
    workspace = Profiles()
    workspace.results = (
        CheckResult("database", True, "12 orders of 3 customers"),
        CheckResult("mapping", True, "No key column is named", Problem("k", "t", "s", "Name one.")),
        CheckResult("permissions", False, WRONG.title, WRONG),
    )

    async def act():
        page.set_workspace(workspace)
        workspace.waits.clear()
        page.check_button.click()
        await asyncio.sleep(0)
        assert page.results.words() == ["Checking …"]
        assert not page.check_button.isEnabled()
        workspace.waits.set()
        await ended(tasks)

    run_async(act())
    assert page.check_button.isEnabled()
    assert page.results.words() == [
        "1 of 3 checks failed, 1 worth knowing",
        "Database", "Fine: 12 orders of 3 customers",
        "Mapping", "Worth knowing: No key column is named", "Name one.",
        "Permissions", "Failed: The board has no column 'x'", "Add the column.",
    ]  # fmt: skip


def test_that_results_of_one_profile_are_not_shown_for_another(page, run_async, tasks):
    async def act():
        first = Profiles()
        first.waits.clear()
        page.set_workspace(first)
        page.check_button.click()
        await asyncio.sleep(0)
        page.set_workspace(Profiles("demo"))
        first.waits.set()
        await ended(tasks)

    run_async(act())
    assert not page.results.isVisible()
    assert page.check_button.isEnabled()


def test_that_theme_and_density_apply_at_once_and_are_kept(page, theme, preferences):
    page.theme_combo.activated.emit(page.theme_combo.findData("dark"))
    page.density_combo.activated.emit(page.density_combo.findData("compact"))
    assert (theme.scheme, theme.density) == (Scheme.DARK, Density.COMPACT)
    assert preferences.text("window/theme") == "dark"
    assert preferences.text("window/density") == "compact"


def test_that_a_theme_chosen_elsewhere_is_shown(page, theme):
    theme.set_choice("dark")
    assert page.theme_combo.currentData() == "dark"


def test_that_the_folders_are_opened(page, run_async, monkeypatch, data_home):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    open_profile(page, run_async, Profiles())
    page.open_configuration_button.click()
    page.open_data_button.click()
    assert [Path(each) for each in opened] == [Path("/somewhere").resolve(), data_home]


def test_that_every_control_has_a_name_and_can_be_reached_by_tab(page, run_async):
    open_profile(page, run_async, Profiles())
    for kind in (QAbstractButton, QComboBox):
        for control in page.findChildren(kind):
            if control.isVisible():
                assert control.accessibleName() or control.text()
                assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_that_the_demo_passes_its_own_check(page, run_async, tasks, tmp_path):
    path = tmp_path / "sync_order_list.toml"
    shutil.copy(shipped_configuration(), path)

    async def act():
        async with opened_profile(load_configuration(path), "demo") as workspace:
            page.set_workspace(workspace)
            await page.reload()
            page.check_button.click()
            await ended(tasks)

    run_async(act())
    assert page.results.words()[0] == "Everything is as it must be"


def test_that_values_that_the_board_would_refuse_are_told_before_a_push(page, run_async, tasks, tmp_path):
    path = tmp_path / "sync_order_list.toml"
    shutil.copy(shipped_configuration(), path)

    async def act():
        async with opened_profile(load_configuration(path), "demo") as workspace:
            page.set_workspace(workspace)
            page.check_values_button.click()
            assert not page.check_values_button.isEnabled()
            await ended(tasks)

    run_async(act())
    assert page.check_values_button.isEnabled()
    words = page.results.words()
    assert words[0] == "6 causes, 6 records would be refused. The profile's own checks passed."
    assert "Failed: 469 orders and 2,933 lines looked at, 4 orders and 2 lines would be refused" in words
    refused = "The board has no label 'Cut & Sew' in column CATEGORY (AAG-20417-007)"
    assert f"Failed: 1 order: {refused}" in words
