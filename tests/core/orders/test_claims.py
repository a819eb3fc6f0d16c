"""Who may send an order: decided in the database, for workers on any machine."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from core.errors import StoreError
from core.orders import claims, database, own_tables
from core.orders.claims import Claims, database_now, forget_owners, holders, owners
from core.orders.database import connect, reading, writing

PAST = timedelta(minutes=-1)
"""A lease that has ended already."""


@pytest.fixture
def engine(make_orders) -> sa.Engine:
    """A database with the application's own tables."""
    return make_orders().engine


def test_a_free_order_is_claimed_by_who_asks_first(engine):
    assert Claims(engine, "first").take(["o1", "o2"]) == {"o1", "o2"}
    assert Claims(engine, "second").take(["o1", "o2", "o3"]) == {"o3"}
    assert {key: claim.owner for key, claim in holders(engine, ["o1", "o2", "o3", "o4"]).items()} == {
        "o1": "first",
        "o2": "first",
        "o3": "second",
    }


def test_no_order_is_claimed_without_keys(engine):
    assert Claims(engine, "first").take([]) == frozenset()
    assert owners(engine) == frozenset()


def test_who_has_an_order_may_claim_it_again(engine):
    mine = Claims(engine, "first")
    mine.take(["o1"])
    assert mine.take(["o1", "o2"]) == {"o1", "o2"}


def test_keys_that_differ_in_their_case_alone_are_two_orders(engine):
    assert Claims(engine, "first").take(["ab"]) == {"ab"}
    assert Claims(engine, "second").take(["AB", "ab"]) == {"AB"}


def test_a_claim_whose_time_is_over_counts_no_more_and_may_be_taken(engine):
    Claims(engine, "silent", PAST).take(["o1"])
    assert holders(engine, ["o1"]) == {}
    assert owners(engine) == frozenset()
    assert Claims(engine, "second").take(["o1"]) == {"o1"}
    assert owners(engine) == {"second"}


def test_a_sign_of_life_prolongs_every_claim_that_is_still_held(engine):
    mine = Claims(engine, "first", timedelta(minutes=5))
    mine.take(["o1", "o2"])
    Claims(engine, "second").take(["o3"])
    before = holders(engine, ["o1", "o2"])
    longer = Claims(engine, "first", timedelta(minutes=50))
    assert longer.renew() == 2
    after = holders(engine, ["o1", "o2"])
    assert all(after[key].until > before[key].until for key in ("o1", "o2"))


def test_a_claim_that_is_over_is_prolonged_where_nobody_took_it_and_missed_where_somebody_did(engine):
    Claims(engine, "silent", PAST).take(["o1", "o2", "o3"])
    silent = Claims(engine, "silent")
    assert silent.lost(["o1", "o2", "o3"]) == 0
    Claims(engine, "second").take(["o2"])
    assert silent.lost(["o1", "o2", "o3", "o3"]) == 1
    assert silent.renew() == 2
    assert owners(engine) == {"second", "silent"}
    silent.release()
    assert silent.lost(["o1", "o2"]) == 2


def test_claims_that_are_given_back_are_free_and_others_keep_theirs(engine):
    mine, other = Claims(engine, "first"), Claims(engine, "second")
    mine.take(["o1", "o2"])
    other.take(["o3"])
    mine.release()
    assert owners(engine) == {"second"}
    assert other.take(["o1", "o2", "o3"]) == {"o1", "o2", "o3"}


def test_some_claims_are_given_back_and_the_others_stay(engine):
    mine, others = Claims(engine, "first"), Claims(engine, "second")
    mine.take(["o1", "o2", "o3"])
    others.take(["o4"])
    assert mine.give_back(["o1", "o2", "o4", "never claimed"]) == 2
    assert set(holders(engine, ["o1", "o2", "o3", "o4"])) == {"o3", "o4"}


def test_who_gives_all_claims_back_keeps_one_until_others_are_taken(engine):
    mine = Claims(engine, "first")
    mine.take(["o1", "o2"])
    assert mine.give_back(["o1", "o2"]) == 1
    assert len(holders(engine, ["o1", "o2"])) == 1
    mine.take(["o3"])
    assert mine.give_back(["o3"]) == 1
    assert mine.lost(["o3"]) == 1
    mine.release()
    assert owners(engine) == frozenset()


def test_owners_that_are_gone_are_forgotten_with_all_their_claims(engine):
    for name in ("first", "second", "third"):
        Claims(engine, name).take([f"order of {name}"])
    forget_owners(engine, ["first", "third", "nobody"])
    assert owners(engine) == {"second"}
    forget_owners(engine, [])
    assert owners(engine) == {"second"}


def test_more_orders_than_one_statement_takes_are_claimed(engine):
    keys = [f"o{number}" for number in range(1203)]
    Claims(engine, "other").take(keys[600:603])
    assert Claims(engine, "first").take(keys) == {*keys[:600], *keys[603:]}
    assert len(holders(engine, keys)) == 1203


@pytest.mark.parametrize("workers", [2, 5])
def test_of_workers_that_ask_at_once_each_order_goes_to_exactly_one(workers, engine):
    keys = [f"o{number}" for number in range(120)]
    together = threading.Barrier(workers)
    taken: dict[int, frozenset[str]] = {}

    def ask(number: int) -> None:
        together.wait()
        # Each begins elsewhere, as workers with other selections do.
        own_order = keys[number * 20 :] + keys[: number * 20]
        taken[number] = Claims(engine, f"worker {number}").take(own_order)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(key for each in taken.values() for key in each) == sorted(keys)


def test_a_database_that_is_held_is_told_after_several_tries(make_orders, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    monkeypatch.setattr(claims, "_TRIES", 2)
    orders = make_orders()
    Claims(orders.engine, "first").take(["o1"])
    other = connect(orders.url)
    with writing(other) as connection:
        connection.execute(sa.update(own_tables.claim).values(owner="other"))
        with pytest.raises(StoreError) as caught:
            Claims(orders.engine, "second", PAST).take(["o1"])
    assert caught.value.problem.code == "database_locked"
    other.dispose()


def test_time_is_the_database_s_own_in_utc_down_to_parts_of_a_second(engine):
    with reading(engine) as connection:
        moments = [database_now(connection) for _ in range(50)]
    now = datetime.now(UTC).replace(tzinfo=None)
    assert all(abs(now - moment) < timedelta(minutes=5) for moment in moments)
    assert any(moment.microsecond for moment in moments)
