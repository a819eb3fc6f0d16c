"""A stack of pages that takes the room it is given, whatever its texts say."""

from PySide6.QtWidgets import QStackedWidget


class PageStack(QStackedWidget):
    """For a stack that fills the rest of its page: no text in it decides how high it is.

    An ordinary stack answers how high it had to be at a width. So each layout around it sets all wrapped
    texts of the page shown anew, level by level, whenever a word changes in the window: several milliseconds.
    """

    def hasHeightForWidth(self) -> bool:
        """Say no, so that nobody asks for the height at a width."""
        return False
