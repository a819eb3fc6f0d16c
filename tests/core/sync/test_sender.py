"""How a planned request leaves, as a whole or in parts, and by what name."""

import pytest

from core.demo.testing import demo_desk
from core.errors import ExitCode
from core.orders.model import Selection
from core.sandbox.plans import Plan
from core.sync.control import RunControl
from core.sync.events import RequestSent, Waiting

CREATIONS_A_MINUTE = 26
"""Of 10,011 points each, within nine tenths of 300,000: two requests of ten, and six more."""
SMALL = Plan("small", 10_000, 2_500, 100, complexity_per_minute=300_000)
TWENTY = Selection(("ATELIER ÉTOILE",), limit=20)


@pytest.fixture
def small_desk(tmp_path, demo_orders_database):
    """Makes a desk whose account has no minute with room for all of the orders; so many records a request."""
    return lambda records: demo_desk(
        tmp_path, demo_orders_database, limits=SMALL, toml=f"limits = {{ records_per_request = {records} }}"
    )


async def test_a_request_leaves_in_part_where_the_rest_of_the_minute_has_no_room_for_all_of_it(
    small_desk,
):
    told = []
    with small_desk(10) as desk:
        async with desk.opened() as workspace:
            plan = await workspace.plan(TWENTY)
            report = await workspace.run(plan, RunControl(), told.append)
        made = len(desk.items_by_key()) + len(desk.subitems_by_key())
    assert report.exit_code is ExitCode.SYNCED
    assert report.api.rejected == 0
    assert made == plan.order_count + plan.line_count
    minutes = [[]]
    for event in told:
        if isinstance(event, RequestSent):
            minutes[-1].append(event.operations)
        elif isinstance(event, Waiting):
            minutes.append([])
    assert len(minutes) >= 3
    assert {sum(minute) for minute in minutes[:-1]} == {CREATIONS_A_MINUTE}


async def test_parts_of_a_planned_request_have_its_key_and_a_number_each_of_its_own(
    small_desk,
):
    told = []
    with small_desk(20) as desk:
        async with desk.opened() as workspace:
            plan = await workspace.plan(TWENTY)
            await workspace.run(plan, RunControl(), told.append)
        journalled = [row["request_key"] for row in desk.rows("SELECT request_key FROM deltadesk_request")]
    planned = [request.key for request in plan.requests]
    assert sorted(journalled) == sorted(event.request_key for event in told if isinstance(event, RequestSent))
    assert len(set(journalled)) == len(journalled) > len(planned)
    assert {key.partition(", part ")[0] for key in journalled} == set(planned)
    assert {"ATELIER ÉTOILE / subitems / 1", "ATELIER ÉTOILE / subitems / 1, part 2"} <= set(journalled)
