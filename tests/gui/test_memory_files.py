import pytest
from PySide6.QtCore import QFile, QIODevice
from PySide6.QtGui import QIcon

from gui import memory_files
from gui.memory_files import memory_file
from gui.svg import tinted_svg


def read(path: str) -> bytes:
    """What Qt reads."""
    file = QFile(path)
    assert file.open(QIODevice.OpenModeFlag.ReadOnly)
    return bytes(file.readAll().data())


@pytest.mark.parametrize("name", ["a.svg", "größe ∆ 𝄞.svg", f"{'long' * 60}.svg"])
@pytest.mark.parametrize("content", [b"", b"\x00one\xff", b"0123456789" * 20_000])
def test_that_qt_reads_what_was_put_into_memory(name, content):
    path = memory_file(f"{len(content)}-{name}", content)
    assert read(path) == content


def test_that_files_lie_side_by_side():
    paths = [memory_file(f"side-{number}.txt", b"%d" % number) for number in range(100)]
    assert [read(path) for path in paths] == [b"%d" % number for number in range(100)]


def test_that_a_name_keeps_its_first_content():
    path = memory_file("first.txt", b"first")
    assert memory_file("first.txt", b"second") == path
    assert read(path) == b"first"


def test_that_nothing_is_found_under_another_name():
    memory_file("known.txt", b"known")
    assert not QFile.exists(":/memory/unknown.txt")


def test_that_qt_takes_an_icon_from_memory(qapp):
    drawn = QIcon(memory_file("dot-ff0000.svg", tinted_svg("dot", "#FF0000"))).pixmap(16, 16).toImage()
    assert drawn.pixelColor(8, 8).name() == "#ff0000"


def test_that_a_file_that_qt_refuses_is_told_at_once(monkeypatch):
    monkeypatch.setattr(memory_files, "_FORMAT", 99)
    with pytest.raises(RuntimeError, match=r"Qt refuses the file 'refused\.txt'"):
        memory_file("refused.txt", b"")
