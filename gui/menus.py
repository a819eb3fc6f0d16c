"""The menus of the window, each entry with its Alt letter and its key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoGroup
from PySide6.QtWidgets import QMenu, QMenuBar

from gui.icons import set_icon
from gui.preferences import Preferences
from gui.theme import Density, Theme


@dataclass(frozen=True, slots=True)
class MenuSlots:
    """What the window does when an entry is chosen."""

    open_configuration: Callable[[], object]
    reload: Callable[[], object]
    leave: Callable[[], object]
    copy: Callable[[], object]
    copy_with_names: Callable[[], object]
    find: Callable[[], object]
    go_to: Callable[[str], object]
    shortcuts: Callable[[], object]
    about: Callable[[], object]


class Appearance:
    """The operator's choice of scheme and density: kept, put into force, and read back at the next start."""

    THEME = "window/theme"
    DENSITY = "window/density"

    def __init__(self, theme: Theme, preferences: Preferences) -> None:
        self._theme = theme
        self._preferences = preferences
        self.choose_theme(preferences.text(self.THEME, "system"))
        self.choose_density(preferences.text(self.DENSITY))

    @property
    def theme(self) -> str:
        """The choice of scheme in force: "system", "light" or "dark"."""
        return self._theme.choice

    @property
    def density(self) -> str:
        """The density in force: "comfortable" or "compact"."""
        return self._theme.density.value

    def choose_theme(self, choice: str) -> None:
        """Follow the system or keep one scheme; a word that is no choice follows the system."""
        self._theme.set_choice(choice)
        self._preferences.set(self.THEME, self._theme.choice)

    def choose_density(self, value: str) -> None:
        """Set the height of rows; a word that is no density means comfortable ones."""
        known = value in {each.value for each in Density}
        self._theme.set_density(Density(value) if known else Density.COMFORTABLE)
        self._preferences.set(self.DENSITY, self._theme.density.value)


class Menus:
    """File, Edit, View, Run and Help. Run stays away until something is added to it."""

    def __init__(
        self,
        bar: QMenuBar,
        undo_group: QUndoGroup,
        slots: MenuSlots,
        pages: Sequence[tuple[str, str, str]],
        appearance: Appearance,
    ) -> None:
        self._bar = bar
        self.file = bar.addMenu("&File")
        self.edit = bar.addMenu("&Edit")
        self.view = bar.addMenu("&View")
        self.run = bar.addMenu("&Run")
        self.help = bar.addMenu("&Help")
        self.run.menuAction().setVisible(False)
        self._fill_file(slots)
        self._fill_edit(slots, undo_group)
        self._fill_view(slots, pages, appearance)
        add_entry(self.help, "&Keyboard shortcuts", slots.shortcuts, "Ctrl+?", "help")
        add_entry(self.help, "&About DeltaDesk", slots.about, None, "info")

    def add_run_action(self, action: QAction) -> None:
        """Add an entry to Run and show the menu."""
        self.run.addAction(action)
        self.run.menuAction().setVisible(True)

    def shortcuts(self) -> list[tuple[str, str]]:
        """Return the keys of every entry that has some, and its menu and words."""
        native = QKeySequence.SequenceFormat.NativeText
        return [
            (
                " or ".join(keys.toString(native) for keys in action.shortcuts()),
                f"{menu.title()}: {action.text()}".replace("&", "").rstrip("…"),
            )
            for menu in self._bar.findChildren(QMenu)
            for action in menu.actions()
            if not action.shortcut().isEmpty()
        ]

    def _fill_file(self, slots: MenuSlots) -> None:
        standard = QKeySequence.StandardKey
        add_entry(self.file, "&Open configuration…", slots.open_configuration, standard.Open, "open")
        add_entry(self.file, "&Reload", slots.reload, standard.Refresh, "retry")
        self.file.addSeparator()
        # StandardKey.Quit is empty on Windows.
        add_entry(self.file, "&Quit", slots.leave, "Ctrl+Q")

    def _fill_edit(self, slots: MenuSlots, undo_group: QUndoGroup) -> None:
        standard = QKeySequence.StandardKey
        for action, keys, picture in (
            (undo_group.createUndoAction(self.edit, "&Undo"), standard.Undo, "undo"),
            (undo_group.createRedoAction(self.edit, "&Redo"), standard.Redo, "redo"),
        ):
            action.setShortcut(keys)
            set_icon(action, picture)
            self.edit.addAction(action)
        self.edit.addSeparator()
        add_entry(self.edit, "&Copy", slots.copy, standard.Copy, "copy")
        add_entry(self.edit, "Copy with column &names", slots.copy_with_names, "Ctrl+Shift+C")
        self.edit.addSeparator()
        find = add_entry(self.edit, "&Find on this page", slots.find, None, "search")
        find.setShortcuts([QKeySequence("Ctrl+F"), QKeySequence("Ctrl+K")])

    def _fill_view(
        self, slots: MenuSlots, pages: Sequence[tuple[str, str, str]], appearance: Appearance
    ) -> None:
        def go_to(page_id: str) -> Callable[[], object]:
            return lambda: slots.go_to(page_id)

        for number, (page_id, title, icon_name) in enumerate(pages, start=1):
            add_entry(self.view, title, go_to(page_id), f"Ctrl+{number}", icon_name)
        self.view.addSeparator()
        schemes = (("&System", "system"), ("&Light", "light"), ("&Dark", "dark"))
        _add_choice(self.view.addMenu("&Theme"), schemes, appearance.theme, appearance.choose_theme)
        densities = (("&Comfortable", "comfortable"), ("Co&mpact", "compact"))
        _add_choice(self.view.addMenu("&Density"), densities, appearance.density, appearance.choose_density)


def add_entry(
    menu: QMenu,
    text: str,
    slot: Callable[[], object],
    keys: QKeySequence.StandardKey | str | None,
    icon_name: str | None = None,
) -> QAction:
    """Add an entry to a menu and return it."""
    action = menu.addAction(text)
    if icon_name:
        set_icon(action, icon_name)
    if keys is not None:
        action.setShortcut(QKeySequence(keys))
    action.triggered.connect(lambda *_: slot())
    return action


def _add_choice(
    menu: QMenu, choices: Sequence[tuple[str, str]], current: str, choose: Callable[[str], None]
) -> None:
    """Fill a menu with entries of which one is checked."""
    group = QActionGroup(menu)
    for words, value in choices:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(value == current)
        action.setData(value)
        group.addAction(action)
    group.triggered.connect(lambda action: choose(str(action.data())))
