"""What holds for every file of the project. `make check` holds the arrows between the packages."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
WRITTEN = {".py", ".toml", ".md", ".yml", ".yaml", ".sh", ".spec", ".j2", ".sql", ".lock", ".json", ".cjs"}
MADE = {".git", ".environments", "node_modules", "build", "dist"}
BY_SUBJECT = {
    "core/sandbox": "what a client of the practice board sees is no single module's",
    "core/cli": "a file for each command",
    "core/prepare": "what becomes of an order from one preparation to the next is no single module's",
    "core/mapping/round_trip": "a value goes through the formatter, the writers and the practice board",
    "core/mapping/writers": "the API's reference has one table of all types",
    "gui/pages/mappings": "the page is one form of many modules",
}
"""Packages whose tests are named by subject; elsewhere a test file has the name of its module."""


def written_files(folder: Path = ROOT) -> Iterator[Path]:
    """Every text file that people write; hidden folders and what tools make are left out."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            hidden = path.name.startswith(".") and path.name not in {".ci", ".github"}
            if path.name not in MADE and not hidden:
                yield from written_files(path)
        elif path.suffix in WRITTEN or path.name == "Makefile":
            yield path


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def mirrored_tests() -> list[Path]:
    return [path for package in ("core", "gui") for path in sorted((TESTS / package).rglob("test_*.py"))]


@pytest.mark.parametrize("path", mirrored_tests(), ids=relative)
def test_a_test_file_stands_where_its_source_stands(path):
    folder = path.parent.relative_to(TESTS)
    if folder.as_posix() in BY_SUBJECT or path == Path(__file__):
        return
    assert (ROOT / folder).is_dir(), f"there is no {folder} to test"
    words = path.stem.removeprefix("test_").split("_")
    # The module's name, or that and a subject of its own: `test_plan_documents.py` tests `plan.py`.
    names = ["_".join(words[:count]) for count in range(1, len(words) + 1)]
    modules = [ROOT / folder / name for name in names]
    assert any(module.with_suffix(".py").is_file() or module.is_dir() for module in modules), (
        f"there is no {folder / names[-1]}.py to test"
    )


def test_test_folders_are_no_packages():
    assert [relative(path) for path in written_files(TESTS) if path.name == "__init__.py"] == []


def test_no_file_names_a_place_of_one_machine():
    place = re.compile(r"""(?<![\w.~/:}-])/(?:home|root|work|Users)/\w|\b[A-Z]:\\+Users\\""")
    found = [
        f"{relative(path)}:{number}"
        for path in written_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if place.search(line)
    ]
    assert found == []


def test_lock_files_name_versions_and_no_download_address():
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_the_engine_can_be_imported_where_no_toolkit_is():
    script = (
        "import sys, pkgutil, importlib\n"
        "sys.modules.update(dict.fromkeys(('PySide6', 'qasync', 'gui')))\n"
        "import core\n"
        "for found in pkgutil.walk_packages(core.__path__, 'core.'):\n"
        "    if not found.name.endswith('__main__') and '.migrations' not in found.name:\n"
        "        importlib.import_module(found.name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
