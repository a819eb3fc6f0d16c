"""Files for Qt that lie in memory only: a style sheet takes pictures by path, never as bytes.

Qt finds them in its resource system, where the output of `rcc` lies too. So nothing is left behind by a
program that was killed, nobody else's cleaning takes a picture away from an open window, two windows share no
folder, and no disk can be full or write-protected: on Windows, macOS and Linux alike.
"""

from struct import pack, unpack

from PySide6.QtCore import qRegisterResourceData

_FOLDER = "memory"
_FORMAT = 1
"""The first format of `rcc`, which every Qt reads: no time stamps, no compression."""
_IS_FOLDER = 2
_NO_TERRITORY, _ANY_LANGUAGE = 0, 1

_kept: dict[str, tuple[bytes, bytes, bytes]] = {}
"""What Qt was given, by name: it makes no copy, and reads until the process ends."""


def memory_file(name: str, content: bytes) -> str:
    """Return the path under which Qt reads `content` until the process ends.

    `name` is a file's name with its suffix and stands for its content: it keeps what it was given first.
    Raises `RuntimeError` where Qt refuses the file.
    """
    if name not in _kept:
        parts = _compiled(name, content)
        if not qRegisterResourceData(_FORMAT, *parts):
            raise RuntimeError(f"Qt refuses the file '{name}'")
        _kept[name] = parts
    return f":/{_FOLDER}/{name}"


def _compiled(name: str, content: bytes) -> tuple[bytes, bytes, bytes]:
    """The tree, the names and the data of one file in its folder, as `rcc` would write them."""
    folder = _name(_FOLDER)
    # Each folder names its number of children and its first child by the place in the tree.
    tree = (
        pack(">IHII", 0, _IS_FOLDER, 1, 1)
        + pack(">IHII", 0, _IS_FOLDER, 1, 2)
        + pack(">IHHHI", len(folder), 0, _NO_TERRITORY, _ANY_LANGUAGE, 0)
    )
    return tree, folder + _name(name), pack(">I", len(content)) + content


def _name(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return pack(">HI", len(encoded) // 2, _hash(encoded)) + encoded


def _hash(encoded: bytes) -> int:
    """The hash of a name by which Qt looks it up: that of ELF's symbol tables, over UTF-16 units."""
    value = 0
    for unit in unpack(f">{len(encoded) // 2}H", encoded):
        value = (value << 4) + unit
        value = (value ^ ((value & 0xF0000000) >> 23)) & 0x0FFFFFFF
    return value
