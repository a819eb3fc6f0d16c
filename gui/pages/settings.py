"""The Settings page: which profile is open and what it stands on, the look of the window, and the check."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import unquote, unquote_plus

from PySide6.QtCore import QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from core.config.load import data_folder, expand
from core.config.model import PRACTICE_BOARD, Configuration, Profile
from core.config.token import shown_source
from core.errors import DeltaDeskError
from core.monday.board import BoardSchema
from core.redaction import MASK, redact
from core.workspace import CheckResult, Workspace
from core.workspace.checks import data_checks
from gui.menus import Appearance
from gui.pages.check_results import CheckResults
from gui.pages.search_combo import ChoiceCombo
from gui.preferences import Preferences
from gui.task_owner import TaskOwner
from gui.theme import EDGE, GROUPS, RELATED, Density, current_theme
from gui.widgets.buttons import disable_because, enable, plain_button, primary_button
from gui.widgets.closed_page import NO_PROFILE, OPEN_CONFIGURATION, ProfileState
from gui.widgets.labels import Badge, body_label, card, muted_label, section_label
from gui.widgets.messages import MessagePanel, Severity
from gui.widgets.toolbar import PageHeader

_CHECK = "check the profile"
_Look = Callable[[], Awaitable[Sequence[CheckResult]]]
_THEMES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
_DENSITIES = ((Density.COMFORTABLE.value, "Comfortable"), (Density.COMPACT.value, "Compact"))
_NOTHING = "-"
_PROFILE_FACTS = ("Kind", "Address", "Version", "Token from", "Orders database", "Orders", "Order lines")


def database_words(profile: Profile) -> str:
    """Return a profile's database address without its password, readable."""
    # Masked before as well: a password holding "@", once decoded, would hide where it ends.
    address, mark, options = redact(expand(profile.database_url)).partition("?")
    return redact(f"{unquote(address)}{mark}{unquote_plus(options)}")


def token_words(source: str) -> str:
    """Return where a profile's token comes from, never the token: of a command only its program."""
    if source == PRACTICE_BOARD:
        return "the practice board"
    scheme, _, rest = shown_source(source).partition(":")
    if scheme == "command":
        return f"command: {rest.removesuffix('...')}{MASK}" if rest.endswith("...") else f"command: {rest}"
    words = {"env": "environment variable", "keyring": "keychain", "file": "file"}
    return redact(f"{words[scheme]} {rest}") if scheme in words else "a source that is not understood"


class SettingsPage(QWidget):
    """Tells everything about the open profile but its secrets; theme and density apply at once."""

    problem = Signal(object)
    """A `Problem` for the window to show."""
    profile_chosen = Signal(str)
    """The name of another profile to open. The page goes on showing the open one until it is."""
    open_requested = Signal()
    """The operator wants to choose a configuration."""

    def __init__(self, tasks: TaskOwner, preferences: Preferences) -> None:
        super().__init__()
        self._tasks = tasks
        self._workspace: Workspace | None = None
        self._configuration: Configuration | None = None
        theme = current_theme()
        self._appearance = Appearance(theme, preferences) if theme else None
        self._facts: dict[str, QLabel] = {}
        self._make_widgets()
        self._lay_out()
        if theme is not None:
            theme.changed.connect(self._show_appearance)
        self.first_focus: QWidget = self.profile_combo
        self.set_workspace(None)

    # What the application calls

    def set_configuration(self, configuration: Configuration | None) -> None:
        """Offer the profiles of a file, also while none of them is open."""
        self._configuration = configuration
        self._show_profile()

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Show another profile. `reload` asks for its board."""
        self._workspace = workspace
        if workspace is not None:
            self._configuration = workspace.configuration
        self.results.forget()
        self._panel.hide()
        self._show_profile()
        self._show_board(None)

    def set_profile_state(self, state: ProfileState) -> None:
        """Say, where no profile is open, what to do about it."""
        others = bool(self._configuration and self._configuration.profiles)
        words = "Choose one below, or open another configuration." if others else "Open a configuration."
        self._closed.set_message(Severity.INFO, NO_PROFILE, words)
        self._closed.setVisible(state is ProfileState.NONE)

    async def reload(self) -> None:
        """Read the board's name and account again. What cannot be read is said in the page."""
        workspace = self._workspace
        if workspace is None:
            return
        try:
            schema = await workspace.board(refresh=True)
        except DeltaDeskError as error:
            problem = error.problem
            self._panel.set_message(Severity.ERROR, problem.title, f"{problem.subject}\n{problem.remedy}")
            self._panel.show()
            return
        if workspace is self._workspace:
            self._panel.hide()
            self._show_board(schema)

    def focus_search(self) -> None:
        """Put the cursor into the first field: this page has nothing to search."""
        self.profile_combo.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Building

    def _make_widgets(self) -> None:
        self._header = PageHeader("Settings")
        self.check_button = primary_button("Check", "check")
        self.check_button.setToolTip("Look at database, token, board, columns and permissions")
        self.check_button.clicked.connect(self._check)
        self.check_values_button = plain_button("Check values", "check")
        self.check_values_button.setToolTip(
            "Look at every value of the pending orders that the board would refuse; nothing is sent"
        )
        self.check_values_button.clicked.connect(self._check_values)
        self._header.add(self.check_values_button)
        self._header.add(self.check_button)
        self._panel = MessagePanel(Severity.ERROR, "")
        self._panel.hide()
        self._closed = MessagePanel(Severity.INFO, NO_PROFILE)
        self._closed.add_action(OPEN_CONFIGURATION, self.open_requested.emit)
        self._closed.hide()
        self.results = CheckResults()
        self.badge = Badge()
        self.profile_combo = ChoiceCombo("Profile")
        self.profile_combo.activated.connect(self._profile_chosen)
        self.theme_combo = _choices("Theme", _THEMES)
        self.density_combo = _choices("Density", _DENSITIES)
        if self._appearance is not None:
            appearance = self._appearance
            self.theme_combo.activated.connect(
                lambda row: appearance.choose_theme(self.theme_combo.itemData(row))
            )
            self.density_combo.activated.connect(
                lambda row: appearance.choose_density(self.density_combo.itemData(row))
            )
            self._show_appearance()

    def _lay_out(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, RELATED, 0)
        column.setSpacing(GROUPS)
        column.addWidget(self._closed)
        column.addWidget(self._panel)
        column.addWidget(self.results)
        column.addWidget(self._profile_card())
        column.addWidget(self._section("Board", ("Board", "Board id", "Account", "User")))
        column.addWidget(self._section("API", ("Address", "Version", "Token from")))
        column.addWidget(self._section("Database", ("Orders database", "Orders", "Order lines")))
        column.addWidget(self._folder_card())
        column.addWidget(self._look_card())
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(EDGE, GROUPS, EDGE, GROUPS)
        outer.setSpacing(RELATED)
        outer.addWidget(self._header)
        outer.addWidget(scroll, 1)

    def _section(self, title: str, facts: Sequence[str]) -> QFrame:
        form = _form()
        for name in facts:
            form.addRow(*self._fact(name))
        return _titled(title, form)

    def _fact(self, name: str) -> tuple[QLabel, QLabel]:
        value = self._facts[name] = body_label(_NOTHING)
        return _label(name), value

    def _profile_card(self) -> QFrame:
        chosen = QHBoxLayout()
        chosen.setSpacing(RELATED)
        self.profile_combo.setMaximumWidth(280)
        chosen.addWidget(self.profile_combo, 1)
        chosen.addWidget(self.badge)
        chosen.addStretch(1)
        form = _form()
        label = _label("&Profile")
        label.setTextFormat(Qt.TextFormat.AutoText)
        label.setBuddy(self.profile_combo)
        form.addRow(label, chosen)
        form.addRow(*self._fact("Kind"))
        self.open_configuration_button = plain_button("Open folder", "open")
        self.open_configuration_button.setAccessibleName("Open the folder of the configuration file")
        self.open_configuration_button.clicked.connect(self._open_configuration)
        self._add_place(form, "Configuration file", self.open_configuration_button)
        return _titled("Profile", form)

    def _folder_card(self) -> QFrame:
        self.open_data_button = plain_button("Open folder", "open")
        self.open_data_button.setAccessibleName("Open the data folder")
        self.open_data_button.clicked.connect(lambda: _open_folder(data_folder()))
        form = _form()
        self._add_place(form, "Data folder", self.open_data_button)
        self._facts["Data folder"].setText(str(data_folder()))
        return _titled("On this machine", form)

    def _add_place(self, form: QFormLayout, name: str, button: QWidget) -> None:
        label, value = self._fact(name)
        row = QHBoxLayout()
        row.setSpacing(RELATED)
        row.addWidget(value, 1)
        row.addWidget(button)
        form.addRow(label, row)

    def _look_card(self) -> QFrame:
        form = _form()
        for words, combo in (("&Theme", self.theme_combo), ("&Density", self.density_combo)):
            combo.setMaximumWidth(280)
            label = _label(words)
            label.setTextFormat(Qt.TextFormat.AutoText)
            label.setBuddy(combo)
            form.addRow(label, combo)
        return _titled("Look", form)

    # Showing

    def _show_profile(self) -> None:
        configuration, workspace = self._configuration, self._workspace
        with QSignalBlocker(self.profile_combo):
            self.profile_combo.clear()
            for profile in configuration.profiles.values() if configuration else ():
                self.profile_combo.addItem(profile.badge, profile.name)
            name = workspace.profile.name if workspace else ""
            self.profile_combo.setCurrentIndex(self.profile_combo.findData(name))
        self._set("Configuration file", configuration.path if configuration else "")
        self.open_configuration_button.setEnabled(configuration is not None)
        self._show_facts(workspace.profile if workspace else None)

    def _show_facts(self, profile: Profile | None) -> None:
        self.badge.setVisible(profile is not None)
        if profile is None:
            for name in (
                "Kind",
                "Address",
                "Version",
                "Token from",
                "Orders database",
                "Orders",
                "Order lines",
            ):
                self._set(name, "")
            self._allow_checks("Open a profile first")
            return
        self.badge.set_profile(profile.badge, profile.kind.value)
        self._set("Kind", profile.kind.value)
        practice = profile.uses_practice_board
        self._set("Address", "the practice board on this machine" if practice else redact(profile.api_url))
        self._set("Version", profile.api_version)
        self._set("Token from", ", else ".join(token_words(source) for source in profile.token_sources))
        self._set("Orders database", database_words(profile))
        self._set("Orders", profile.headers_table)
        self._set("Order lines", profile.lines_table)
        self._allow_checks()

    def _show_board(self, schema: BoardSchema | None) -> None:
        profile = self._workspace.profile if self._workspace else None
        self._set("Board id", profile.board_id if profile else "")
        self._set("Board", schema.items.name if schema else "")
        self._set("Account", schema.account if schema else "")
        self._set("User", schema.user if schema else "")

    def _set(self, name: str, text: str) -> None:
        self._facts[name].setText(text or _NOTHING)
        self._facts[name].setAccessibleName(f"{name}: {text or 'not known'}")

    def _show_appearance(self) -> None:
        if self._appearance is not None:
            self.theme_combo.setCurrentIndex(self.theme_combo.findData(self._appearance.theme))
            self.density_combo.setCurrentIndex(self.density_combo.findData(self._appearance.density))

    # What the buttons do

    def _profile_chosen(self, row: int) -> None:
        name = self.profile_combo.itemData(row)
        open_now = self._workspace.profile.name if self._workspace else None
        if name != open_now:
            self.profile_combo.setCurrentIndex(self.profile_combo.findData(open_now or ""))
            self.profile_chosen.emit(name)

    def _open_configuration(self) -> None:
        if self._configuration is not None:
            _open_folder(Path(self._configuration.path).resolve().parent)

    def _allow_checks(self, reason: str = "") -> None:
        for button in (self.check_button, self.check_values_button):
            if reason:
                disable_because(button, reason)
            else:
                enable(button)

    def _check(self) -> None:
        if self._workspace is not None:
            self._start_check(self._workspace, self._workspace.check)

    def _check_values(self) -> None:
        if self._workspace is not None:
            self._start_check(self._workspace, partial(self._values, self._workspace))

    async def _values(self, workspace: Workspace) -> Sequence[CheckResult]:
        """The profile first: where it is wrong, every record would say the same."""

        def show(done: int, total: int) -> None:
            if workspace is self._workspace:
                self.results.show_progress(done, total)

        results = await workspace.check()
        if all(result.ok for result in results):
            results = tuple(data_checks(await workspace.check_data(progress=show)))
        return results

    def _start_check(self, workspace: Workspace, work: _Look) -> None:
        def show(results: Sequence[CheckResult]) -> None:
            if workspace is self._workspace:
                self.results.show_results(results)

        self.results.show_busy()
        self._allow_checks("The check is under way")
        self._tasks.start(_CHECK, self._checked(work), done=show, problem=self._not_checked)

    async def _checked(self, work: _Look) -> Sequence[CheckResult]:
        try:
            return await work()
        finally:
            self._allow_checks()

    def _not_checked(self, error: BaseException) -> None:
        self.results.forget()
        if isinstance(error, DeltaDeskError):
            self.problem.emit(error.problem)


def _label(words: str) -> QLabel:
    """Make a field's name; all of them are as wide, so that the values of all cards line up."""
    label = muted_label(words)
    label.setMinimumWidth(label.fontMetrics().horizontalAdvance("M" * 11))
    return label


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(GROUPS)
    form.setVerticalSpacing(RELATED)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    return form


def _titled(title: str, form: QFormLayout) -> QFrame:
    column = QVBoxLayout()
    column.setSpacing(RELATED)
    column.addWidget(section_label(title))
    column.addLayout(form)
    return card(column)


def _choices(name: str, choices: Sequence[tuple[str, str]]) -> ChoiceCombo:
    combo = ChoiceCombo(name)
    for value, words in choices:
        combo.addItem(words, value)
    return combo


def _open_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
