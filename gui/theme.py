"""The look of the desktop: colour tokens by scheme, type sizes, spacing, and the style sheet made of them.

Nothing outside this module writes a colour. A widget names a *tone* (a token's name) and asks for its colour
when it paints, so a change of scheme is one repaint.
"""

import tomllib
from dataclasses import dataclass, replace
from enum import Enum
from typing import ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

from core.resources import resource_path
from gui.memory_files import memory_file
from gui.svg import tinted_svg

# Spacing on a 4 px grid, in logical pixels.
INSIDE = 4
"""Inside a control."""
RELATED = 8
"""Between controls that belong together."""
GROUPS = 16
"""Between groups."""
EDGE = 24
"""At the edge of a page."""

CHOICES = ("system", "light", "dark")


class Scheme(Enum):
    """Light or dark."""

    LIGHT = "light"
    DARK = "dark"


class Density(Enum):
    """How high the rows of tables are."""

    COMFORTABLE = "comfortable"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme, each `#RRGGBB`, named by what they are for."""

    window: str
    """Behind everything."""
    surface: str
    """Tables, cards, forms."""
    raised: str
    """Headers, toolbars, hover."""
    border: str
    """Hairlines that only separate."""
    outline: str
    """The edge of a control: a field, a check box."""
    text: str
    muted: str
    """Second words: units, hints, empty states."""
    accent: str
    """The one main action of a page, links, the focus ring."""
    on_accent: str
    select: str
    """Behind what is selected."""
    ok: str
    warn: str
    error: str
    on_error: str
    unknown: str
    """The outcome is unknown."""
    hold: str
    """Held by an operator."""

    def color(self, tone: str) -> QColor:
        """Return the colour of a token by its name. Raises `AttributeError` for a name that is no token."""
        return QColor(str(getattr(self, tone)))

    def in_high_contrast(self) -> "Tokens":
        """Return the same scheme without quiet greys, for a system that asks for more contrast."""
        return replace(self, border=self.muted, outline=self.text, muted=self.text, hold=self.text)


def load_tokens(scheme: Scheme) -> Tokens:
    """Return the tokens of a scheme as `resources/theme/tokens.toml` has them."""
    table = tomllib.loads(resource_path("theme", "tokens.toml").read_text(encoding="utf-8"))
    return Tokens(**table[scheme.value])


def blend(over: QColor, under: QColor, share: float) -> QColor:
    """`share` (0 to 1) of the colour `over`, the rest of the colour `under`."""
    rest = 1 - share
    return QColor.fromRgbF(
        over.redF() * share + under.redF() * rest,
        over.greenF() * share + under.greenF() * rest,
        over.blueF() * share + under.blueF() * rest,
    )


class Theme(QObject):
    """Keeps the application in the chosen scheme; one object for the application's whole life.

    The choice "system" follows the system's scheme and its contrast preference while the application runs.
    Raises RuntimeError where there is one already: two would answer each other's style sheets.
    """

    changed = Signal()
    """The scheme, the contrast or the density is another one: measure and paint again."""

    current: ClassVar["Theme | None"] = None

    def __init__(self, app: QApplication) -> None:
        if Theme.current is not None:
            raise RuntimeError("The application has a theme already: ask current_theme() for it")
        super().__init__(app)
        self._app = app
        self._hints = app.styleHints()
        self._choice = "system"
        self._density = Density.COMFORTABLE
        self._template = Environment(
            loader=FileSystemLoader(resource_path("theme")),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
        ).get_template("style.qss.j2")
        app.setStyle("Fusion")
        self._scheme = self._system_scheme(self._hints.colorScheme())
        self._tokens = self._wanted_tokens()
        Theme.current = self
        self._apply()
        self._hints.colorSchemeChanged.connect(self._follow)
        self._hints.accessibility().contrastPreferenceChanged.connect(self._refresh)

    @property
    def scheme(self) -> Scheme:
        """The scheme in force."""
        return self._scheme

    @property
    def tokens(self) -> Tokens:
        """The colours in force."""
        return self._tokens

    @property
    def choice(self) -> str:
        """What the operator chose: "system", "light" or "dark"."""
        return self._choice

    @property
    def density(self) -> Density:
        """The row height in force."""
        return self._density

    def set_choice(self, choice: str) -> None:
        """Follow the system or keep one scheme. An unknown word (an old preference) follows the system."""
        self._choice = choice if choice in CHOICES else "system"
        # Qt is told too, so that title bars and native dialogs go along.
        if self._choice == "system":
            self._hints.unsetColorScheme()
        else:
            dark = self._choice == "dark"
            self._hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
        self._follow(self._hints.colorScheme())

    def set_density(self, density: Density) -> None:
        """Comfortable or compact rows."""
        if density is not self._density:
            self._density = density
            self._apply()

    def row_height(self) -> int:
        """Height of a table row in logical pixels: 28 or 22, more where the system's font needs it."""
        comfortable = self._density is Density.COMFORTABLE
        line = QFontMetrics(self._app.font()).height()
        return max(28, line + 8) if comfortable else max(22, line + 4)

    def _system_scheme(self, reported: Qt.ColorScheme) -> Scheme:
        return Scheme.DARK if reported is Qt.ColorScheme.Dark else Scheme.LIGHT

    def _follow(self, reported: Qt.ColorScheme) -> None:
        self._scheme = self._system_scheme(reported) if self._choice == "system" else Scheme(self._choice)
        self._refresh()

    def _refresh(self) -> None:
        tokens = self._wanted_tokens()
        if tokens != self._tokens:
            self._tokens = tokens
            self._apply()

    def _wanted_tokens(self) -> Tokens:
        tokens = load_tokens(self._scheme)
        contrast = self._hints.accessibility().contrastPreference()
        return tokens.in_high_contrast() if contrast is Qt.ContrastPreference.HighContrast else tokens

    def _apply(self) -> None:
        self._app.setPalette(_palette(self._tokens))
        self._app.setStyleSheet(self._style_sheet())
        self.changed.emit()

    def _style_sheet(self) -> str:
        size = QFontInfo(self._app.font()).pointSizeF()
        disabled = blend(self._tokens.color("muted"), self._tokens.color("surface"), 0.6)
        return self._template.render(
            t=self._tokens,
            disabled=disabled.name(),
            row_height=self.row_height(),
            line=max(18, QFontMetrics(self._app.font()).height()),
            title_pt=size + 4,
            section_pt=size + 1,
            small_pt=size - 1,
            svg=self._svg_url,
        )

    def _svg_url(self, name: str, tone: str) -> str:
        """`url(...)` of a tinted drawing. The colour is in the file's name: Qt caches pictures by name."""
        color = str(getattr(self._tokens, tone))
        path = memory_file(f"{name}-{color.lstrip('#')}.svg", tinted_svg(name, color))
        return f"url({path})"


def _palette(tokens: Tokens) -> QPalette:
    """Return the palette Fusion paints with wherever the style sheet says nothing."""
    role = QPalette.ColorRole
    palette = QPalette()
    for each, tone in {
        role.Window: "window",
        role.WindowText: "text",
        role.Base: "surface",
        role.AlternateBase: "raised",
        role.Text: "text",
        role.Button: "surface",
        role.ButtonText: "text",
        role.BrightText: "error",
        role.ToolTipBase: "raised",
        role.ToolTipText: "text",
        role.PlaceholderText: "muted",
        role.Highlight: "select",
        role.HighlightedText: "text",
        role.Accent: "accent",
        role.Link: "accent",
        role.LinkVisited: "unknown",
        role.Light: "raised",
        role.Midlight: "border",
        role.Mid: "border",
        role.Dark: "outline",
        role.Shadow: "outline",
    }.items():
        palette.setColor(each, tokens.color(tone))
    faded = blend(tokens.color("muted"), tokens.color("surface"), 0.6)
    for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, faded)
    return palette


def current_theme() -> Theme | None:
    """Return the theme in force, or None before the application has one."""
    return Theme.current


def current_tokens() -> Tokens:
    """Return the colours in force; the light ones before the application has a theme."""
    theme = Theme.current
    return theme.tokens if theme else load_tokens(Scheme.LIGHT)


def row_height() -> int:
    """Height of a table row in logical pixels under the theme in force."""
    theme = Theme.current
    return theme.row_height() if theme else 28


def _ui_font(larger: int, weight: QFont.Weight) -> QFont:
    font = QApplication.font()
    font.setPointSizeF(QFontInfo(font).pointSizeF() + larger)
    font.setWeight(weight)
    return font


def title_font() -> QFont:
    """Return the system's font for the title of a page: 4 pt larger, semi-bold."""
    return _ui_font(4, QFont.Weight.DemiBold)


def section_font() -> QFont:
    """Return the system's font for the title of a section: 1 pt larger, semi-bold."""
    return _ui_font(1, QFont.Weight.DemiBold)


def small_font() -> QFont:
    """Return the system's font for second words: 1 pt smaller."""
    return _ui_font(-1, QFont.Weight.Normal)


def tabular_font() -> QFont:
    """Return the system's font with figures of one width where it has them: numbers line up in a column."""
    font = QApplication.font()
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def fixed_font() -> QFont:
    """Return the system's fixed-width font at the body's size, for identifiers and payloads."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(QFontInfo(QApplication.font()).pointSizeF())
    return font
