"""Log files: JSON lines without secrets."""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from core import logs
from core.logs import configure_logs
from core.redaction import MASK, remember_secret


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger("deltadesk")
    before = (list(root.handlers), root.level, root.propagate)
    yield
    for handler in root.handlers:
        if handler not in before[0]:
            handler.close()
    root.handlers, root.propagate = before[0], before[2]
    root.setLevel(before[1])
    structlog.reset_defaults()


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_event_is_one_line_of_json_with_level_and_utc_time(tmp_path):
    path = configure_logs(tmp_path / "logs")
    structlog.get_logger().info("run started", run="r-1", customer="∆ STUDIO")
    (line,) = lines(path)
    assert line["event"] == "run started"
    assert line["customer"] == "∆ STUDIO"
    assert line["level"] == "info"
    assert str(line["timestamp"]).endswith("Z")


def test_secrets_are_masked_in_nested_values_and_tracebacks(tmp_path):
    path = configure_logs(tmp_path)
    secret = 'p"wd\\51f0'
    remember_secret(secret)
    try:
        int(secret)
    except ValueError:
        structlog.get_logger().exception("failed", headers={"Authorization": ["t0", secret]})
    text = path.read_text(encoding="utf-8")
    (line,) = lines(path)
    assert MASK in text
    assert secret not in text
    assert not any(secret in str(value) or repr(secret) in str(value) for value in line.values())
    assert "Traceback" in str(line["exception"])


def test_without_a_folder_only_warnings_reach_standard_error(capsys):
    assert configure_logs() is None
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert json.loads(capsys.readouterr().err)["event"] == "loud"


def test_configuring_twice_writes_each_line_once(tmp_path):
    configure_logs(tmp_path)
    path = configure_logs(tmp_path)
    structlog.get_logger().info("once")
    assert [line["event"] for line in lines(path)] == ["once"]


def test_a_full_file_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "LOG_BYTES", 400)
    path = configure_logs(tmp_path)
    for number in range(8):
        structlog.get_logger().info("filling", number=number)
    assert path.stat().st_size <= 400
    assert (tmp_path / "deltadesk.log.1").is_file()


def test_a_folder_that_cannot_be_made_is_an_oserror(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        configure_logs(tmp_path / "file" / "logs")


def test_a_library_s_warning_is_a_line_like_ours_with_secrets_masked(tmp_path):
    path = configure_logs(tmp_path)
    remember_secret("tk-51f0c2a9")
    try:
        int("tk-51f0c2a9")
    except ValueError:
        logging.getLogger("asyncio").exception("Task of tk-51f0c2a9 was never retrieved")
    logging.getLogger("httpx").info("quiet")
    (line,) = lines(path)
    assert (line["logger"], line["level"]) == ("asyncio", "error")
    assert line["event"] == f"Task of {MASK} was never retrieved"
    assert f"ValueError: invalid literal for int() with base 10: '{MASK}'" in str(line["exception"])
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps no such modes")
def test_logs_are_their_owner_s_alone_whatever_the_umask(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "LOG_BYTES", 400)
    folder = tmp_path / "logs"
    folder.mkdir(mode=0o755)  # an older one
    before = os.umask(0)
    try:
        configure_logs(folder)
        for number in range(8):
            structlog.get_logger().info("filling", number=number)
    finally:
        os.umask(before)
    assert {path.name for path in folder.iterdir()} >= {"deltadesk.log", "deltadesk.log.1"}
    assert [oct(path.stat().st_mode & 0o077) for path in (folder, *folder.iterdir())] == ["0o0"] * (
        1 + len(list(folder.iterdir()))
    )
