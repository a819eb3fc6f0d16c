"""The threads that a command's blocking work is done in."""

import asyncio
import threading

from core.threads import use_few_threads


def test_three_pieces_of_work_are_done_at_a_time_and_no_more():
    together = threading.Barrier(3)
    used = set()

    def piece(number):
        together.wait(timeout=30)
        used.add(threading.get_ident())
        return number

    async def work():
        use_few_threads()
        return await asyncio.gather(*(asyncio.to_thread(piece, number) for number in range(30)))

    assert asyncio.run(work()) == list(range(30))
    assert len(used) == 3
