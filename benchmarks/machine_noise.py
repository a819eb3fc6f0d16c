"""What the machine adds to a measured time: processors that others use, threads that are woken late."""

import os
import threading
import time
from pathlib import Path
from time import perf_counter
from typing import Self


class Others:
    """How much of the machine other processes used, from its making on. Linux tells; elsewhere nobody."""

    def __init__(self) -> None:
        self._since, self._busy, self._own = perf_counter(), _busy_seconds(), _own_seconds()

    def words(self) -> str:
        """Say it in a sentence."""
        busy = _busy_seconds()
        if busy is None or self._busy is None:
            return "How much of the machine other processes used is not known here"
        used = (busy - self._busy - (_own_seconds() - self._own)) / (perf_counter() - self._since)
        return f"Other processes used {max(0.0, used):.2f} of {os.cpu_count()} processors meanwhile"


def _busy_seconds() -> float | None:
    """Processor time that all processes used since the machine's start."""
    try:
        user, nice, system, _idle, _waiting, interrupts, soft = map(
            int, Path("/proc/stat").read_text(encoding="ascii").split()[1:8]
        )
    except OSError:
        return None
    return (user + nice + system + interrupts + soft) / float(os.sysconf("SC_CLK_TCK"))


def _own_seconds() -> float:
    """Processor time that this process and those it waited for used."""
    return sum(os.times()[:4])


class Sleeper:
    """A thread that only sleeps a moment at a time while the window's process does its round.

    The program under test runs in a process of its own, so nothing but the machine makes this thread late.
    """

    def __init__(self, sleep_ms: float, frame_ms: float) -> None:
        self.longest_ms = 0.0
        self._sleep_ms, self._frame_ms = sleep_ms, frame_ms
        self._over = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sleep, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._ended.set()
        self._thread.join()

    def words(self) -> str:
        """Say how late it was at worst, and how often by more than a frame."""
        return f"{self.longest_ms:.1f} ms ({self._over} times over a frame)"

    def _sleep(self) -> None:
        while not self._ended.is_set():
            before = perf_counter()
            time.sleep(self._sleep_ms / 1000)  # noqa: TID251  how late a sleep ends is the question
            late = (perf_counter() - before) * 1000 - self._sleep_ms
            self.longest_ms = max(self.longest_ms, late)
            self._over += late > self._frame_ms


class Queue:
    """How long the calling thread was ready to run while every processor had another one."""

    def __init__(self) -> None:
        path = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        # Kept open: it is read at each beat.
        self._file = path.open("rb", buffering=0) if path.exists() else None

    def seconds(self) -> float:
        """Seconds since the thread's start; always 0 where the system does not tell."""
        if self._file is None:
            return 0.0
        self._file.seek(0)
        return int(self._file.read(100).split()[1]) / 1e9
