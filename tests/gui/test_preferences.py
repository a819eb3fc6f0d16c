from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QSplitter, QWidget

from gui.preferences import Preferences


def reopened(preferences: Preferences) -> Preferences:
    preferences.sync()
    return Preferences(preferences.path)


def test_that_values_come_back_as_they_were_kept(preferences):
    preferences.set("page", "failures")
    preferences.set("width", 412)
    preferences.set("compact", True)
    again = reopened(preferences)
    assert (again.text("page"), again.number("width"), again.flag("compact")) == ("failures", 412, True)


def test_that_a_value_nobody_can_read_counts_as_not_there(preferences):
    preferences.set("width", "wide")
    preferences.set("compact", "perhaps")
    assert preferences.number("width", 7) == 7
    assert preferences.flag("compact", default=True) is True


def test_that_a_forgotten_key_takes_what_is_below_it_along(preferences):
    preferences.set("orders/search", "PO 8812")
    preferences.forget("orders")
    assert preferences.text("orders/search", "nothing") == "nothing"


def test_that_a_damaged_file_leaves_the_defaults(tmp_path):
    path = tmp_path / "desktop.ini"
    path.write_bytes(b"\x00[[[\xff window = @ByteArray(")
    assert Preferences(path).text("window/page", "orders") == "orders"


def test_that_a_window_comes_back_to_its_place(qtbot, preferences):
    first, second = QWidget(), QWidget()
    qtbot.addWidget(first)
    qtbot.addWidget(second)
    first.setGeometry(QRect(40, 50, 420, 330))
    preferences.remember_window("window", first)
    assert reopened(preferences).restore_window("window", second)
    assert second.geometry() == first.geometry()


def test_that_a_window_whose_screen_is_gone_comes_into_view(qtbot, preferences):
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(QRect(9000, 9000, 400, 300))
    preferences.restore_window("window", window)
    room = QGuiApplication.primaryScreen().availableGeometry()
    assert room.contains(window.geometry())


def test_that_nothing_kept_is_said(qtbot, preferences):
    splitter = QSplitter()
    qtbot.addWidget(splitter)
    assert preferences.restore_state("orders/split", splitter) is False
    assert preferences.restore_window("window", splitter) is False


def test_that_a_splitter_keeps_its_shares(qtbot, preferences):
    def made() -> QSplitter:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(QLabel("left"))
        splitter.addWidget(QLabel("right"))
        splitter.resize(400, 100)
        splitter.show()
        qtbot.addWidget(splitter)
        return splitter

    first, second = made(), made()
    first.setSizes([100, 292])
    preferences.remember_state("orders/split", first)
    assert reopened(preferences).restore_state("orders/split", second)
    assert second.sizes() == first.sizes()
