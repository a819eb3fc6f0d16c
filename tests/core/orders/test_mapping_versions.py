"""Versions of a mapping set: numbered for each profile and set, also when two workers save at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from core.orders.database import connect
from core.orders.mapping_versions import MappingVersions, VersionContent

AT = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)


def content(name: str) -> VersionContent:
    return VersionContent((name * 64)[:64], f'{{"item_name":"{name} Ω"}}', f"# {name} Ω\n")


@pytest.fixture
def database(make_orders):
    return make_orders()


@pytest.fixture
def versions(database) -> MappingVersions:
    return MappingVersions(database.engine, "demo", "order_list", "machine:1")


def test_content_is_numbered_from_one_and_reads_back(versions):
    assert versions.record(content("a"), AT, note="the first") == 1
    assert versions.record(content("b"), AT) == 2
    newest, first = versions.all()
    assert (newest.number, newest.note, newest.worker) == (2, "", "machine:1")
    assert (first.number, first.hash, first.saved_at, first.note) == (1, "a" * 64, AT, "the first")
    assert versions.content(1) == content("a")
    assert versions.content(3) is None


def test_known_content_keeps_its_number_unless_it_is_saved_again(versions):
    versions.record(content("a"), AT)
    versions.record(content("b"), AT)
    assert versions.record(content("a"), AT) == 1
    assert versions.record(content("a"), AT, again=True) == 3
    assert versions.record(content("a"), AT, again=True) == 3
    assert versions.number_of("a" * 64) == 3
    assert versions.number_of("c" * 64) is None


def test_profiles_and_sets_count_for_themselves_and_by_letter_case(database, versions):
    versions.record(content("a"), AT)
    for profile, mapping in (("production", "order_list"), ("demo", "other"), ("DEMO", "order_list")):
        apart = MappingVersions(database.engine, profile, mapping, "machine:1")
        assert (apart.all(), apart.record(content("b"), AT)) == ([], 1)
    assert len(versions.all()) == 1


def test_a_long_note_is_cut(versions):
    versions.record(content("a"), AT, note="n" * 1000)
    assert len(versions.all()[0].note) == 400


def test_workers_that_save_at_once_get_numbers_of_their_own(database):
    def save(worker: int) -> list[int]:
        engine = connect(database.url)
        try:
            mine = MappingVersions(engine, "demo", "order_list", f"machine:{worker}")
            return [mine.record(content(f"{worker}"), AT), mine.record(content("shared"), AT)]
        finally:
            engine.dispose()

    with ThreadPoolExecutor(4) as workers:
        given = list(workers.map(save, range(4)))
    assert sorted({number for numbers in given for number in numbers}) == [1, 2, 3, 4, 5]
    assert len({shared for _, shared in given}) == 1
