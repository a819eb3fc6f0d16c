"""A read-only view of a GraphQL document or JSON in colour that never holds the window up."""

from collections.abc import Iterator
from typing import Any

from pygments.lexer import Lexer
from pygments.lexers import GraphQLLexer, JsonLexer
from pygments.token import Token
from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtGui import (
    QResizeEvent,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from gui.theme import RELATED, current_theme, current_tokens, fixed_font
from gui.widgets.buttons import icon_button
from gui.widgets.clipboard import copy_text

COLOURED_UP_TO = 200_000
"""Characters; a longer text stays plain."""

_LONGEST_LINE = 4_000
_SLICE_MS = 4
_POURED_AT_ONCE = 16_000
_TOKENS_BETWEEN_LOOKS = 64

_LEXERS: dict[str, type[Lexer]] = {"graphql": GraphQLLexer, "json": JsonLexer}

_TONES = {  # the nearest ancestor of a token counts
    Token.Comment: "muted",
    Token.Punctuation: "muted",
    Token.Operator: "muted",
    Token.Keyword: "accent",
    Token.Keyword.Constant: "unknown",
    Token.Name.Tag: "accent",
    Token.Name.Function: "unknown",
    Token.Name.Class: "unknown",
    Token.Name.Variable: "warn",
    Token.Literal.Number: "warn",
    Token.Literal.String: "ok",
}

Span = tuple[int, int, str]
"""Start and length in UTF-16 units, as Qt counts, and the tone."""


def _tone(token: Any) -> str | None:
    kind = token
    while kind is not Token and kind is not None:
        if (tone := _TONES.get(kind)) is not None:
            return tone
        kind = kind.parent
    return None


def _units(text: str) -> int:
    """Return the length Qt gives a text: characters outside the basic plane count twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def spans_by_line(lexer: Lexer, text: str) -> Iterator[list[Span] | None]:
    """Yield the coloured parts of each line in order, and None now and then within a long line."""
    line: list[Span] = []
    at = 0
    for count, (_start, token, value) in enumerate(lexer.get_tokens_unprocessed(text)):
        tone = _tone(token)
        first, *following = value.split("\n")
        for number, part in enumerate((first, *following)):
            if number:
                yield line if at <= _LONGEST_LINE else []
                line, at = [], 0
            length = _units(part)
            if tone and length:
                line.append((at, length, tone))
            at += length
        if not count % _TOKENS_BETWEEN_LOOKS:
            yield None
    yield line if at <= _LONGEST_LINE else []


class _Highlighter(QSyntaxHighlighter):
    """Colours a document line by line in short slices, as the event loop has time."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._lines: Iterator[list[Span] | None] = iter(())
        self._block = QTextBlock()
        # By line number: the text is read-only, so numbers stay.
        self._known: dict[int, list[Span]] = {}
        # The timer waits for an idle event loop: colour never delays a key or a repaint.
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self.colour_a_slice)

    @property
    def busy(self) -> bool:
        """True while some lines are still plain."""
        return self._timer.isActive()

    def begin(self, lexer: Lexer | None, text: str) -> None:
        """Start again for this text; None leaves it plain."""
        self._timer.stop()
        self._known = {}
        self._block = self.document().firstBlock()
        self._lines = iter(()) if lexer is None else spans_by_line(lexer, text)
        if lexer is not None:
            self._timer.start()

    def colour_a_slice(self) -> None:
        """Colour lines for a few milliseconds."""
        clock = QElapsedTimer()
        clock.start()
        for spans in self._lines:
            if spans is not None:
                if spans:
                    self._known[self._block.blockNumber()] = spans
                    self.rehighlightBlock(self._block)
                self._block = self._block.next()
            if clock.elapsed() >= _SLICE_MS:
                return
        self._timer.stop()

    def highlightBlock(self, _text: str) -> None:
        """Apply what is known about the line; nothing is read here."""
        if not self._known:
            return
        tokens = current_tokens()
        for start, length, tone in self._known.get(self.currentBlock().blockNumber(), ()):
            look = QTextCharFormat()
            look.setForeground(tokens.color(tone))
            self.setFormat(start, length, look)


class CodeView(QPlainTextEdit):
    """A document or payload in the fixed font, read-only, with a button that copies all of it.

    `language` is "graphql", "json" or "text". The first screens of a text are there at once; the rest of a
    long one, and the colours, arrive in slices. A text of more than `COLOURED_UP_TO` characters stays plain.
    """

    def __init__(
        self, language: str = "text", accessible_name: str = "Code", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._lexer = _LEXERS[language](ensurenl=False, stripnl=False) if language in _LEXERS else None
        self._code = ""
        self._unpoured = ""
        self._pouring = QTimer(self, interval=0)
        self._pouring.timeout.connect(self._pour)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFont(fixed_font())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        # Tab belongs to the window: it goes on to the next control.
        self.setTabChangesFocus(True)
        self.setAccessibleName(accessible_name)
        self._highlighter = _Highlighter(self.document())
        self.copy_button = icon_button("copy", f"Copy all: {accessible_name}", "muted")
        self.copy_button.setParent(self)
        self.copy_button.setProperty("kind", "overlay")
        self.copy_button.clicked.connect(self.copy_all)
        if theme := current_theme():
            theme.changed.connect(self._colour)

    @property
    def busy(self) -> bool:
        """True while some lines still wait for their text or their colour."""
        return self._pouring.isActive() or self._highlighter.busy

    def set_code(self, text: str) -> None:
        """Show a text from its beginning."""
        self._code = text
        self._highlighter.begin(None, "")
        lines = _lines_as_qt_sees_them(text)
        self.setPlainText(lines[:_POURED_AT_ONCE])
        self._unpoured = lines[_POURED_AT_ONCE:]
        if self._unpoured:
            self._pouring.start()
        else:
            self._pouring.stop()
            self._colour()

    def code(self) -> str:
        """Return the text as it was given."""
        return self._code

    def copy_all(self) -> None:
        """Put the whole text on the clipboard."""
        copy_text(self._code)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the copy button in the upper right corner."""
        super().resizeEvent(event)
        size = self.copy_button.sizeHint()
        corner = self.viewport().geometry().topRight()
        self.copy_button.setGeometry(
            corner.x() - size.width() - RELATED // 2, corner.y() + RELATED // 2, size.width(), size.height()
        )

    def _pour(self) -> None:
        """Append the next part of a long text; the last part starts the colouring."""
        end = QTextCursor(self.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        end.insertText(self._unpoured[:_POURED_AT_ONCE])
        self._unpoured = self._unpoured[_POURED_AT_ONCE:]
        if not self._unpoured:
            self._pouring.stop()
            self._colour()

    def _colour(self) -> None:
        self.setFont(fixed_font())
        if self._unpoured:
            return
        wanted = self._lexer if 0 < len(self._code) <= COLOURED_UP_TO else None
        self._highlighter.begin(wanted, _lines_as_qt_sees_them(self._code))


def _lines_as_qt_sees_them(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2029", "\n")
