"""Where the files that travel with the application lie: in a clone, in a wheel and in an installed build."""

import sys
from pathlib import Path


def _root() -> Path:
    # An installed build unpacks its files beside the executable and says where.
    return Path(getattr(sys, "_MEIPASS", Path(__file__).parents[1]))


def resource_path(*parts: str) -> Path:
    """Path of a file or folder under `resources/`."""
    return _root().joinpath("resources", *parts)


def shipped_configuration() -> Path:
    """Path of the commented configuration that travels with the application."""
    return _root() / "configs" / "sync_order_list.toml"
