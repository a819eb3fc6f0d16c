"""How long does the window's thread stand still while a whole push goes on.

Opens the real window offscreen on demo data in a temporary home and pushes every customer. A timer of one
millisecond beats on the UI thread; the time between two beats is what a person would wait for a click to be
noticed. The design asks for nothing over one frame of 16 ms. Each round is a process of its own, so each pays
what a first push pays.

A late beat has three causes: the thread worked (its processor time says so); it was ready to run, but every
processor had another thread, of this program or of others ("queued", which Linux tells of each thread); or it
waited for the interpreter's lock or was woken late. The target is for the whole. What the machine adds to it
is told by a sleeper, a thread of another process that does nothing but sleep: how late it is woken meanwhile.

    python benchmarks/ui_stall.py [--rounds 3] [--stacks]

`--stacks` also says what the UI thread did when a beat was late. Sampling costs time: its figures are worse.
"""

import argparse
import asyncio
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, thread_time
from types import FrameType
from typing import Any

from machine_noise import Others, Queue, Sleeper

FRAME_MS = 16.0
BEAT_MS = 1
SAMPLE_SECONDS = 0.002
IDLE_SECONDS = 2.0
LONGEST_ROUND_SECONDS = 300.0
PHASES = ("idle", "plan", "run", "after the run")
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Run the rounds and print the table; the last line is one JSON object."""
    given = _arguments()
    if given.once:
        print(json.dumps(_one_round(stacks=given.stacks)))
        return 0
    others = Others()
    rounds, sleepers = [], []
    for _ in range(given.rounds):
        with Sleeper(BEAT_MS, FRAME_MS) as sleeper:
            rounds.append(_round_in_a_process(stacks=given.stacks))
        sleepers.append(sleeper)
    print(_title())
    first = rounds[0]
    print(f"{first['orders']} orders and {first['lines']} lines pushed; medians of {len(rounds)} rounds")
    print(others.words())
    late = statistics.median(sleeper.longest_ms for sleeper in sleepers)
    print(f"The sleeper was late by up to {late:.1f} ms: {', '.join(each.words() for each in sleepers)}\n")
    medians = {phase: _medians([each["phases"][phase] for each in rounds]) for phase in PHASES}
    print(
        f"{'':<14}{'beats':>8}{'p50 ms':>9}{'p99 ms':>9}{'longest ms':>12}{'longest work ms':>17}"
        f"{'longest but queued':>20}{'over 16 ms':>12}  longest of each round: work + queued + rest"
    )
    for phase, figures in medians.items():
        longest = "  ".join(_parts(each["phases"][phase]) for each in rounds)
        print(
            f"{phase:<14}{figures['beats']:>8.0f}{figures['p50_ms']:>9.2f}{figures['p99_ms']:>9.2f}"
            f"{figures['longest_ms']:>12.1f}{figures['longest_work_ms']:>17.1f}"
            f"{figures['longest_but_queued_ms']:>20.1f}{figures['over_a_frame']:>12.0f}  {longest}"
        )
    if given.stacks:
        _print_stacks(rounds)
    print()
    print(json.dumps(_verdict(medians, late)))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stacks", action="store_true", help="say what ran when a beat was late")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _title() -> str:
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, PySide6 {version('PySide6_Essentials')}, "
        f"qasync {version('qasync')}"
    )


def _medians(figures: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in figures) for name in figures[0]}


def _verdict(medians: dict[str, dict[str, float]], sleeper_late: float) -> dict[str, Any]:
    run = medians["run"]
    ratios = {
        "run_longest_to_frame": round(run["longest_ms"] / FRAME_MS, 3),
        "run_p99_to_frame": round(run["p99_ms"] / FRAME_MS, 3),
        "run_longest_work_to_frame": round(run["longest_work_ms"] / FRAME_MS, 3),
        "run_longest_but_queued_to_frame": round(run["longest_but_queued_ms"] / FRAME_MS, 3),
        "plan_longest_to_frame": round(medians["plan"]["longest_ms"] / FRAME_MS, 3),
        "after_longest_to_frame": round(medians["after the run"]["longest_ms"] / FRAME_MS, 3),
        "idle_longest_to_frame": round(medians["idle"]["longest_ms"] / FRAME_MS, 3),
        "sleeper_longest_to_frame": round(sleeper_late / FRAME_MS, 3),
    }
    targets = dict.fromkeys(("run_longest_to_frame", "run_p99_to_frame"), 1.0)
    return {
        "benchmark": "ui_stall",
        "ratios": ratios,
        "targets": targets,
        "holds": all(ratios[name] <= target for name, target in targets.items()),
    }


def _print_stacks(rounds: list[dict[str, Any]]) -> None:
    print("\nWhat the UI thread did while a beat was late (samples, innermost of ours last):")
    seen: Counter[str] = Counter()
    for each in rounds:
        seen.update(each["stacks"])
    for stack, samples in seen.most_common(15):
        print(f"{samples:>6}  {stack}")


def _round_in_a_process(*, stacks: bool) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__)), "--once", *(["--stacks"] if stacks else [])]
    with tempfile.TemporaryDirectory(prefix="deltadesk-") as home:
        environment = {**os.environ, "DELTADESK_HOME": home, "QT_QPA_PLATFORM": "offscreen"}
        environment.pop("DELTADESK_CONFIG", None)
        done = subprocess.run(
            command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@dataclass(frozen=True, slots=True)
class Beat:
    """How long one beat was in coming, and what the time went on, milliseconds."""

    gap: float
    work: float
    queued: float


class Heartbeat:
    """Beats on the UI thread and notes, phase by phase, how long each beat was in coming."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.beats: dict[str, list[Beat]] = {phase: [] for phase in PHASES}
        self.last = perf_counter()
        self._last_work = thread_time()
        self._queue = Queue()
        self._last_queued = self._queue.seconds()
        self._phase = ""
        self._timer = QTimer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def begin(self, phase: str) -> None:
        """Count what follows to this phase. What went on since the last beat is the former phase's."""
        self._beat()
        self._phase = phase
        self._timer.start()

    def end(self) -> None:
        """Count no longer."""
        self._beat()
        self._timer.stop()
        self._phase = ""

    @property
    def late(self) -> bool:
        """Whether the next beat is later than a frame."""
        return bool(self._phase) and (perf_counter() - self.last) * 1000 > FRAME_MS

    def _beat(self) -> None:
        now, work, queued = perf_counter(), thread_time(), self._queue.seconds()
        if self._phase:
            spans = (now - self.last, work - self._last_work, queued - self._last_queued)
            self.beats[self._phase].append(Beat(*(1000 * span for span in spans)))
        self.last, self._last_work, self._last_queued = now, work, queued

    def figures(self) -> dict[str, dict[str, float]]:
        """The figures of every phase, milliseconds."""
        return {phase: _figures(beats) for phase, beats in self.beats.items()}


def _figures(beats: list[Beat]) -> dict[str, float]:
    gaps = sorted(beat.gap for beat in beats)
    longest = max(beats, key=lambda beat: beat.gap)
    return {
        "beats": len(gaps),
        "p50_ms": gaps[len(gaps) // 2],
        "p99_ms": gaps[int(len(gaps) * 0.99)],
        "longest_ms": longest.gap,
        "work_in_longest_ms": longest.work,
        "queued_in_longest_ms": longest.queued,
        "longest_work_ms": max(beat.work for beat in beats),
        "longest_but_queued_ms": max(beat.gap - beat.queued for beat in beats),
        "over_a_frame": sum(gap > FRAME_MS for gap in gaps),
    }


def _parts(figures: dict[str, float]) -> str:
    """The longest beat of a round and what it went on."""
    work, queued = figures["work_in_longest_ms"], figures["queued_in_longest_ms"]
    rest = max(0.0, figures["longest_ms"] - work - queued)
    return f"{figures['longest_ms']:.1f} = {work:.1f} + {queued:.1f} + {rest:.1f}"


class StackSampler:
    """Looks at the UI thread's stack by a timer signal whenever its beat is late.

    The signal's handler runs on the UI thread itself: to read its frames from another thread while they run
    ends Python 3.11 now and then.
    """

    def __init__(self, heartbeat: Heartbeat) -> None:
        self.stacks: Counter[str] = Counter()
        self._heartbeat = heartbeat
        self._before = signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, SAMPLE_SECONDS, SAMPLE_SECONDS)

    def stop(self) -> None:
        """Look no longer."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        if frame is not None and self._heartbeat.late:
            self.stacks[_own_calls(frame)] += 1


def _own_calls(frame: FrameType) -> str:
    """The calls of our own packages, then the call that is running now."""
    calls = traceback.extract_stack(frame)
    own = [call for call in calls if "/gui/" in call.filename or "/core/" in call.filename]
    shown = [f"{Path(call.filename).name}:{call.lineno} {call.name}" for call in own[-4:]]
    last = calls[-1]
    if not own or last is not own[-1]:
        shown.append(f"{Path(last.filename).name}:{last.lineno} {last.name}")
    return " > ".join(shown)


def _one_round(*, stacks: bool) -> dict[str, Any]:
    """One push in this process, from the window's opening to its closing."""
    import qasync
    from PySide6.QtCore import QLocale
    from PySide6.QtWidgets import QApplication

    from core.config.load import data_folder
    from core.logs import configure_logs
    from gui.app import SWITCH_SECONDS
    from gui.desktop import Desktop
    from gui.garbage import GarbageKeeper
    from gui.preferences import Preferences
    from gui.theme import Theme

    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    configure_logs(data_folder() / "logs")
    theme = Theme(application)
    # As gui.app does: the collector's share of the stalls is the program's.
    keeper = GarbageKeeper(application)
    sys.setswitchinterval(SWITCH_SECONDS)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop:
        desktop = Desktop(theme, Preferences(data_folder() / "desktop.ini"))
        keeper.busy = lambda: bool(desktop.tasks.running)
        figures: dict[str, Any] = loop.run_until_complete(_push_everything(desktop, stacks=stacks))
    keeper.end()
    return figures


async def _push_everything(desktop: Any, *, stacks: bool) -> dict[str, Any]:
    from core.resources import shipped_configuration

    ended: list[Any] = []
    desktop.run.finished.connect(ended.append)
    opened, closed = asyncio.Event(), asyncio.Event()
    desktop.profile_opened.connect(opened.set)
    desktop.closed.connect(closed.set)
    desktop.window.resize(1280, 800)
    desktop.window.show()
    desktop.open(shipped_configuration(), "demo")
    await asyncio.wait_for(opened.wait(), LONGEST_ROUND_SECONDS)
    await asyncio.sleep(1.0)  # what the opening left behind is not the push's

    heartbeat = Heartbeat()
    sampler = StackSampler(heartbeat) if stacks else None
    heartbeat.begin("idle")
    await asyncio.sleep(IDLE_SECONDS)
    _check_everything(desktop)
    await asyncio.sleep(0.2)
    heartbeat.begin("plan")
    desktop.orders.push_button.click()
    await _until(lambda: desktop.run.running)
    heartbeat.begin("run")
    await _until(lambda: bool(ended))
    heartbeat.begin("after the run")
    await asyncio.sleep(1.0)
    await _until(lambda: not desktop.tasks.running)
    heartbeat.end()
    if sampler is not None:
        sampler.stop()
    desktop.window.close()
    await asyncio.wait_for(closed.wait(), LONGEST_ROUND_SECONDS)
    report = ended[0]
    return {
        "orders": report.orders.selected,
        "lines": report.lines.selected,
        "phases": heartbeat.figures(),
        "stacks": dict(sampler.stacks) if sampler else {},
    }


def _check_everything(desktop: Any) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    QTest.keyClick(desktop.orders.focusProxy(), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)


async def _until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONGEST_ROUND_SECONDS):
        while not reached():  # noqa: ASYNC110  widgets have no event to wait for
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
