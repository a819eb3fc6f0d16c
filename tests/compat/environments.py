"""One environment for each public client: two of them share an import name, so none shares an environment.

Made once, kept in `.environments` (git-ignored), guarded by a file lock against the other test workers.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE / ".environments"
INSTALL_SECONDS = 600


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    ENVIRONMENTS.mkdir(exist_ok=True)
    with (ENVIRONMENTS / f"{name}.lock").open("w") as lock:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2_000:]}{done.stderr[-2_000:]}")


def python_environment(package: str, version: str, python: str, extra: str = "") -> Path:
    """Return the interpreter of an environment that holds the package, with an extra such as `[yaml]`."""
    name = f"{package}-{version}"
    folder = ENVIRONMENTS / name
    interpreter = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    with _locked(name):
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run([python, "-m", "venv", str(folder)], ENVIRONMENTS)
            _run(
                [str(interpreter), "-m", "pip", "install", "--quiet", f"{package}{extra}=={version}"],
                ENVIRONMENTS,
            )
            (folder / "complete").touch()
    return interpreter


def node_environment(package: str, version: str) -> Path:
    """Return a folder whose `node_modules` hold the package in that version."""
    name = f"{package.strip('@').replace('/', '-')}-{version}"
    folder = ENVIRONMENTS / name
    with _locked(name):
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            wanted = {"private": True, "dependencies": {package: version}}
            (folder / "package.json").write_text(json.dumps(wanted), encoding="utf-8")
            _run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], folder)
            (folder / "complete").touch()
    return folder


def newer_python(major: int, minor: int) -> str | None:
    """Return an interpreter of at least that version, None when this machine has none."""
    if sys.version_info >= (major, minor):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [f"python{major}.{number}" for number in range(minor, minor + 5)]
    candidates += [str(path) for path in sorted(pyenv.glob(f"{major}.*/bin/python"))]
    check = f"import sys, venv, ensurepip; sys.exit(sys.version_info < ({major}, {minor}))"
    for candidate in candidates:
        found = shutil.which(candidate)
        if found and subprocess.run([found, "-c", check], capture_output=True, check=False).returncode == 0:
            return found
    return None
