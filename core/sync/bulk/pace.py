"""When to ask for the status of an import's job again: when it should have ended, by its own pace. Pure.

A question is a call of the day. The first one tells how far the job is, and the next should find it ended.
"""

from dataclasses import dataclass

from core.sync.bulk.status import POLL_SECONDS, JobStatus

UNSURE_SECONDS = 60.0
"""The longest wait as long as it is not known when the work began, or how fast it goes."""
LONGEST_SECONDS = 300.0
"""The longest wait at all: a job that stands still is noticed."""
_MARGIN = 1.1
"""A question that comes a little early costs a call more, and another wait."""


@dataclass(slots=True)
class Pace:
    """How fast the board imports, learned over the jobs of one run."""

    rows_per_second: float | None = None


class JobWatch:
    """Says for one job when its next status is worth a question. Moments are a monotonic clock's seconds."""

    def __init__(self, pace: Pace, rows: int, uploaded_at: float) -> None:
        """`rows`: of the file, 0 where they are not known."""
        self._pace = pace
        self._rows = rows
        self._uploaded_at = uploaded_at
        # The work began after this moment, or this much was done at it.
        self._since, self._done = uploaded_at, 0.0

    def first_pause(self) -> float:
        """Seconds from the upload to the first question."""
        if self._pace.rows_per_second is None:
            return POLL_SECONDS
        return _pause(self._rows / self._pace.rows_per_second, LONGEST_SECONDS)

    def pause_after(self, status: JobStatus, now: float) -> float:
        """Seconds to the next question after this answer of a job that has not ended."""
        done = self._share(status)
        if done <= self._done:
            if done == 0.0:
                self._since = now
                return _pause(now - self._uploaded_at, UNSURE_SECONDS)
            return _pause(now - self._since, UNSURE_SECONDS)
        per_second = (done - self._done) / max(now - self._since, 1e-3)
        # Before the first look at the work it may have waited, for a part of the time that nobody knows.
        is_sure = self._done > 0.0
        if not is_sure:
            self._since, self._done = now, done
        if self._rows:
            self._pace.rows_per_second = per_second * self._rows
        return _pause((1.0 - done) / per_second, LONGEST_SECONDS if is_sure else UNSURE_SECONDS)

    def completed(self, now: float) -> None:
        """Learn from a job that was found completed: the board is at least so fast."""
        if self._pace.rows_per_second is not None:
            seen = self._rows / max(now - self._uploaded_at, 1e-3)
            self._pace.rows_per_second = max(self._pace.rows_per_second, seen)

    def _share(self, status: JobStatus) -> float:
        """The part of the work that is done, from 0 to 1; counts are finer than per cent."""
        to_do = max(self._rows, status.submitted) - status.passed_over
        share = status.worked / to_do if status.worked and to_do > 0 else status.progress / 100
        return min(1.0, max(0.0, share))


def _pause(seconds: float, longest: float) -> float:
    """The wait for something that should be over in `seconds`."""
    return min(longest, max(POLL_SECONDS, _MARGIN * seconds))
