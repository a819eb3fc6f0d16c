"""Claims an order before a run sends it, and keeps the claim alive while the run goes on."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Self

from core.errors import Problem, StoreError
from core.orders.claims import Claim, Claims, forget_owners, holders, owners, sent_unheard
from core.orders.journal import new_uuid
from core.orders.model import Selection
from core.orders.store import OrderStore
from core.orders.workers import has_ended
from core.sync.control import RunControl
from core.sync.plan import Plan
from core.sync.planner import stamp_of

_SIGNS_OF_LIFE_PER_LEASE = 3
"""Two may be lost before the lease ends."""


class RunClaims:
    """The claims of one run, held and kept alive for as long as the context lasts.

    A run whose claims are lost is stopped.
    """

    def __init__(self, store: OrderStore, worker: str, lease: timedelta, control: RunControl) -> None:
        self._store = store
        self._claims = Claims(store.engine, f"{worker}:{new_uuid()}", lease)
        self._lease = lease
        self._control = control
        self._held = 0
        self._counting = asyncio.Lock()
        """Held while claims are taken, given back or renewed: `_held` is what the database has in between."""
        self._heart: asyncio.Future[None]

    async def __aenter__(self) -> Self:
        """Raises StoreError when the database does not answer."""
        await asyncio.to_thread(forget_dead_neighbours, self._store)
        self._control.guard(lambda keys: _lost(self._claims, keys))
        self._heart = asyncio.ensure_future(self._beat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._heart.cancel()
        await asyncio.wait([self._heart])
        await asyncio.to_thread(self._claims.release)

    async def take(self, plan: Plan) -> Mapping[str, Problem]:
        """Claim the plan's orders.

        Returns the orders that this run must not touch, by key, and why: another worker has them, or they are
        no longer what they were when they were planned. Raises StoreError.
        """
        keys = [order.key for batch in plan.batches for order in batch.orders]
        async with self._counting:
            taken = await asyncio.to_thread(self._claims.take, keys)
            self._held += len(taken)
        return await asyncio.to_thread(_withheld, self._store, plan, taken)

    async def give_back(self, keys: Collection[str]) -> None:
        """Claim these orders no longer: the run is through with them. Raises StoreError.

        A run that goes on keeps a claim, for one without any is taken for ended.
        """
        async with self._counting:
            self._held -= await asyncio.to_thread(self._claims.give_back, keys)

    async def _beat(self) -> None:
        """Renew the claims until cancelled; stop the run when some are lost."""
        while True:
            # The database's clock counts the lease, so this is real time whatever clock the run has.
            await asyncio.sleep(self._lease.total_seconds() / _SIGNS_OF_LIFE_PER_LEASE)
            async with self._counting:
                if not self._held:
                    continue
                try:
                    lost = self._held - await asyncio.to_thread(self._claims.renew)
                except StoreError as error:
                    self._control.stop(error.problem)
                    return
            if lost > 0:
                self._control.stop(_claims_lost(lost))
                return


def living_workers(store: OrderStore) -> frozenset[str]:
    """The workers, as machine and process, that hold unexpired claims. Synchronous."""
    return frozenset(_worker_of(owner) for owner in owners(store.engine))


def forget_dead_neighbours(store: OrderStore) -> None:
    """Give back the claims of processes of this machine that are no more: nobody need wait for their end."""
    dead = [owner for owner in owners(store.engine) if has_ended(_worker_of(owner))]
    if dead:
        forget_owners(store.engine, dead)


def _worker_of(owner: str) -> str:
    return owner.rpartition(":")[0]


def _withheld(store: OrderStore, plan: Plan, taken: Collection[str]) -> dict[str, Problem]:
    """Look once more: what another worker sent since the plan was made is not sent again."""
    orders = {order.key: order for batch in plan.batches for order in batch.orders}
    others = [key for key in orders if key not in taken]
    who = holders(store.engine, others) if others else {}
    withheld = {
        key: Problem(
            "claimed_by_another_worker",
            f"Another run is sending this order just now{_named(who.get(key))}",
            f"order {orders[key].label}",
            "Nothing to do; if that run ends early, the order is pending again.",
        )
        for key in others
    }
    # Before the states: an outcome is written together with them, so what is heard of in between shows there.
    # The other way round it would be missed by both.
    under_way = _sent_since(store, plan)
    again = Selection(order_keys=tuple(taken), states=plan.selection.states)
    now = {order.key: stamp_of(order) for order in store.load(again).orders} if taken else {}
    for key in taken:
        if now.get(key) != orders[key].stamp:
            withheld[key] = Problem(
                "changed_since_planned",
                "The order changed since it was planned, so it was not sent",
                f"order {orders[key].label}",
                "Preview it again and push it.",
            )
    for key in under_way.intersection(taken):
        withheld[key] = Problem(
            "sent_since_planned",
            "Another run sent the order since it was planned, and nobody knows yet what became of it",
            f"order {orders[key].label}",
            "Preview it again and push it: the board is asked before anything is sent again.",
        )
    return withheld


def _sent_since(store: OrderStore, plan: Plan) -> set[str]:
    """The plan's orders of which something is under way: when it was planned, nothing was."""
    unheard = sent_unheard(store.engine, plan.board_id)
    return {
        order.key
        for batch in plan.batches
        for order in batch.orders
        if order.key in unheard or any(line.key in unheard for line in order.lines)
    }


def _named(claim: Claim | None) -> str:
    """Whose claim it is, as an operator finds the window or the program; empty where it has just ended."""
    if claim is None:
        return ""
    machine, _, process = _worker_of(claim.owner).rpartition(":")
    return f": process {process} on {machine}"


def _lost(claims: Claims, keys: Collection[str]) -> Problem | None:
    lost = claims.lost(keys)
    return _claims_lost(lost) if lost else None


def _claims_lost(orders: int) -> Problem:
    return Problem(
        "claims_lost",
        "This run was silent for too long, and other workers may have taken its orders",
        f"{orders} orders" if orders > 1 else "1 order",
        "Run again: what was sent is known, and only the rest is sent.",
    )
