"""How long requests take: a fixed time for each, and for each mutation one that is drawn.

The times of a request's mutations are spent with the board held, so that the mutations of one board run one
after the other; the request's own time is not. Nothing takes longer because more is under way: the provider
documents no such thing.
"""

import random

from core.sandbox.options import Latency


class Delays:
    """Draws the times; the same seed gives the same row of them, in the order in which they are asked for."""

    def __init__(self, latency: Latency) -> None:
        self._latency = latency
        self._random = random.Random(latency.seed)  # noqa: S311 - delays need no secrecy

    def of_request(self) -> float:
        """Return the seconds that any request takes."""
        return self._latency.request_ms / 1_000

    def of_mutations(self, count: int) -> float:
        """Return the seconds that so many mutations take, one after the other."""
        latency = self._latency
        drawn = (
            latency.mutation_ms + self._random.uniform(-latency.jitter_ms, latency.jitter_ms)
            for _ in range(count)
        )
        return sum(max(0.0, milliseconds) for milliseconds in drawn) / 1_000
