"""The practice board as a process of its own, and the demo's files in the data folder."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from core.config.load import data_folder, expand, profile_of
from core.config.model import Configuration, Profile
from core.config.token import PRACTICE_TOKEN
from core.demo.staging import create_staged_database
from core.errors import DeltaDeskError, Problem, StoreError
from core.prepare.summary import PrepareSummary
from core.resources import resource_path
from core.workspace import Workspace

START_SECONDS = 30.0
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """Where the demo keeps its files."""

    root: Path

    @property
    def orders(self) -> Path:
        """The orders database."""
        return self.root / "orders.db"

    @property
    def board(self) -> Path:
        """The practice board's state."""
        return self.root / "board.db"

    @property
    def address(self) -> Path:
        """Where the running practice board says how it is reached."""
        return self.root / "practice-board.json"

    @property
    def log(self) -> Path:
        """What the practice board says on its standard error."""
        return self.root / "practice-board.log"


def demo_folder() -> DemoFolder:
    """The demo's folder inside the application's data folder."""
    return DemoFolder(data_folder() / "demo")


def uses_demo_orders(profile: Profile) -> bool:
    """Whether the profile reads the orders that the demo makes."""
    return expand(profile.database_url) == f"sqlite:///{demo_folder().orders.as_posix()}"


def ensure_orders(folder: DemoFolder) -> PrepareSummary | None:
    """Make the demo's orders database if there is none; what was prepared when it was made now."""
    folder.root.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        if not folder.orders.exists():
            return create_staged_database(folder.orders)
    return None


async def start_afresh(folder: DemoFolder) -> PrepareSummary:
    """Throw the demo's orders and board away and make new ones.

    Raises DeltaDeskError while another process uses the practice board.
    """
    running = await find_running(folder)
    if running is not None:
        raise DeltaDeskError(
            Problem(
                "demo_in_use",
                "The demo is open in another window or command",
                str(folder.root),
                "Close it first, or go on with its data: deltadesk demo --keep",
            )
        )
    await asyncio.to_thread(_remove, folder)
    return await asyncio.to_thread(create_staged_database, folder.orders)


def _remove(folder: DemoFolder) -> None:
    folder.root.mkdir(parents=True, exist_ok=True)
    for file in (folder.orders, folder.board):
        for name in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
            name.unlink(missing_ok=True)
    folder.address.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class BoardAddress:
    """How a running practice board is reached."""

    url: str
    page: str
    pid: int


async def find_running(folder: DemoFolder) -> BoardAddress | None:
    """The practice board that somebody runs on this folder, None when there is none."""
    try:
        address = BoardAddress(**json.loads(folder.address.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    with suppress(httpx.HTTPError, httpx.InvalidURL, TypeError):
        # A company's proxy cannot reach this machine, and nobody else must see the token.
        async with httpx.AsyncClient(timeout=3.0, trust_env=False) as http:
            answer = await http.post(
                address.url, json={"query": "{ me { id } }"}, headers={"Authorization": PRACTICE_TOKEN}
            )
            if answer.is_success:
                return address
    return None


class PracticeBoard:
    """A practice board that this process started, or one that was running already."""

    def __init__(
        self, folder: DemoFolder, address: BoardAddress, process: subprocess.Popen[bytes] | None
    ) -> None:
        self._folder = folder
        self._process = process
        self.address = address

    @property
    def url(self) -> str:
        """The API's address."""
        return self.address.url

    @classmethod
    async def open(cls, folder: DemoFolder, *, mutation_ms: float = 0.0) -> "PracticeBoard":
        """Use the running practice board of this folder, or start one that takes so long for each mutation.

        Raises StoreError when it cannot start.
        """
        folder.root.mkdir(parents=True, exist_ok=True)
        running = await find_running(folder)
        if running is not None:
            return cls(folder, running, None)
        # A plain process read in a thread: asyncio's own subprocesses depend on the event loop in use.
        process = await asyncio.to_thread(_start, folder, mutation_ms)
        try:
            address = await asyncio.wait_for(asyncio.to_thread(_read_address, process), START_SECONDS)
        except (TimeoutError, ValueError, TypeError) as error:
            await asyncio.to_thread(_end, process)
            output = folder.log.read_text(encoding="utf-8", errors="replace").strip()
            raise StoreError(
                Problem(
                    "practice_board_not_started",
                    f"The practice board did not start: {output.splitlines()[-1] if output else 'no word'}",
                    str(folder.root),
                    "Start it by hand to see why: deltadesk sandbox",
                )
            ) from error
        folder.address.write_text(json.dumps(asdict(address)), encoding="utf-8")
        return cls(folder, address, process)

    async def close(self) -> None:
        """Stop the practice board if this process started it."""
        process, self._process = self._process, None
        if process is not None:
            self._folder.address.unlink(missing_ok=True)
            await asyncio.to_thread(_end, process)


def _start(folder: DemoFolder, mutation_ms: float) -> subprocess.Popen[bytes]:
    with folder.log.open("wb") as log:
        return subprocess.Popen(  # noqa: S603  our own module, started by our own interpreter
            _command(folder, mutation_ms),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "DELTADESK_PRACTICE_TOKEN": PRACTICE_TOKEN},
        )


def _read_address(process: subprocess.Popen[bytes]) -> BoardAddress:
    assert process.stdout is not None
    return BoardAddress(**json.loads(process.stdout.readline()))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close its standard input, at which it ends; kill it when it does not."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(OSError):
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def _command(folder: DemoFolder, mutation_ms: float) -> list[str]:
    return [
        sys.executable,
        "-m",
        "core.sandbox",
        "--state",
        str(folder.board),
        "--fixture",
        str(resource_path("boards", "orders.json")),
        "--plan",
        "practice",
        "--latency-mutation-ms",
        str(mutation_ms),
        "--stop-with-stdin",
    ]


@asynccontextmanager
async def opened_profile(
    configuration: Configuration, profile_name: str | None, *, mutation_ms: float = 0.0
) -> AsyncIterator[Workspace]:
    """Open a profile, with the practice board beside it where the profile uses it.

    Raises ConfigurationError, StoreError or BoardError.
    """
    profile = profile_of(configuration, profile_name)
    if not profile.uses_practice_board:
        workspace = await Workspace.open(configuration, profile.name)
        try:
            yield workspace
        finally:
            await workspace.close()
        return
    folder = demo_folder()
    if uses_demo_orders(profile):
        await asyncio.to_thread(ensure_orders, folder)
    board = await PracticeBoard.open(folder, mutation_ms=mutation_ms)
    try:
        workspace = await Workspace.open(configuration, profile.name, api_url=board.url)
        try:
            yield workspace
        finally:
            await workspace.close()
    finally:
        await board.close()
