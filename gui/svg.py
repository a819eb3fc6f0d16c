"""The icon family's drawings as SVG text, in any colour."""

from functools import cache

from core.resources import resource_path

_INK = "currentColor"


@cache
def icon_names() -> tuple[str, ...]:
    """Names of every drawing in `resources/icons`, sorted."""
    return tuple(sorted(path.stem for path in resource_path("icons").glob("*.svg")))


@cache
def _drawing(name: str) -> str:
    return resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")


def tinted_svg(name: str, color: str) -> bytes:
    """Return the drawing `name` inked in `color` (`#RRGGBB`).

    Raises `FileNotFoundError` for a name that has no drawing.
    """
    return _drawing(name).replace(_INK, color).encode()
