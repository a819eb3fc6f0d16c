"""Orders worked on portion by portion in worker threads: memory stays flat however many there are."""

import asyncio
from collections.abc import Callable

from core.orders.model import LoadedOrders, Selection
from core.orders.store import OrderStore

PORTION = 500
"""Orders in memory at once; a statement of the store takes as many keys."""

Progress = Callable[[int, int], None]
"""Gets how many orders are done and how many there are, on the event loop."""


async def each_portion(
    store: OrderStore,
    selection: Selection,
    work: Callable[[LoadedOrders], None],
    progress: Progress | None = None,
) -> None:
    """Call `work` with every selected order, lines without a header at the end. Raises StoreError.

    Cancelled, it ends after the portion at hand: nothing goes on behind the caller's back.
    """
    keys = await asyncio.to_thread(store.selected_keys, selection)
    for start in range(0, len(keys), PORTION):
        if progress is not None:
            progress(start, len(keys))
        part = keys[start : start + PORTION]
        await _finished(lambda part=part: work(store.load_keys(selection, part)))  # type: ignore[misc]
    await _finished(lambda: work(LoadedOrders((), tuple(store.orphans(selection)))))
    if progress is not None:
        progress(len(keys), len(keys))


async def _finished(step: Callable[[], None]) -> None:
    running = asyncio.ensure_future(asyncio.to_thread(step))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise
