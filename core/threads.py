"""In which threads a command waits for its database, so that its event loop does not."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

_THREADS = 3
"""Memory that a thread gave back is kept for it alone (glibc's arenas), so each further one costs more of it.
So many are enough: one plans ahead, and the others write the journal of two customers."""


def use_few_threads() -> None:
    """Have the running event loop's blocking work done by a few threads. For a process of its own.

    Once, before anything is handed to a thread. A window keeps as many as it likes.
    """
    executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="deltadesk")
    asyncio.get_running_loop().set_default_executor(executor)
