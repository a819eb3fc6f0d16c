"""A file replaced in one step: at every moment there is the whole old text or the whole new one."""

import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.errors import ConfigurationError, Problem


def replace_file(path: Path, text: str, *, expected: str) -> bool:
    """Put the text in the place of the file's; the old file stays beside it with a time stamp (UTC).

    The new file has the old one's permissions, the copy its owner's part of them: an address in it may hold a
    password, and others have no use for old ones. False, and nothing is changed, when the file does not hold
    the expected text any more. Raises ConfigurationError when the folder or the disk refuses.
    """
    new: Path | None = None
    try:
        mode = path.stat().st_mode & 0o777
        new = _beside(path, text.encode("utf-8"), mode)
        old = path.read_bytes()
        if old != expected.encode("utf-8"):
            return False
        _beside(path, old, mode & 0o700).replace(_name_of_copy(path))
        new.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise ConfigurationError(
            Problem(
                "configuration_not_saved",
                f"The configuration could not be saved: {error.strerror}",
                str(path),
                "Check that the folder may be written and has room; the file is unchanged.",
            )
        ) from error
    finally:
        if new is not None:
            new.unlink(missing_ok=True)
    return True


def _name_of_copy(path: Path) -> Path:
    """A name that no copy has: a clock that was put back shows the same moment twice."""
    moment = datetime.now(UTC)
    while True:
        copy = path.with_name(f"{path.name}.{moment.strftime('%Y%m%dT%H%M%S%fZ')}.bak")
        if not copy.exists():
            return copy
        moment += timedelta(microseconds=1)


def _beside(path: Path, content: bytes, mode: int) -> Path:
    """A new file with this content in the same folder, on the disk when this returns."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".deltadesk.", suffix=".new")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _flush_folder(folder: Path) -> None:
    """Make the new names last through a power cut, where the system has such a call for folders."""
    with suppress(OSError):  # Windows opens no folder; the files are in their places already
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
