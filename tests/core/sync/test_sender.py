"""What is left of a minute's complexity budget is used, too, where a whole request does not fit into it."""

from core.demo.testing import demo_desk
from core.errors import ExitCode
from core.orders.model import Selection
from core.sandbox.plans import Plan
from core.sync.control import RunControl
from core.sync.events import RequestSent, Waiting

CREATIONS_A_MINUTE = 26
"""Of 10,011 points each, within nine tenths of 300,000: two requests of ten, and six more."""
SMALL = Plan("small", 10_000, 2_500, 100, complexity_per_minute=300_000)


async def test_a_request_leaves_in_part_where_the_rest_of_the_minute_has_no_room_for_all_of_it(
    tmp_path, demo_orders_database
):
    told = []
    with demo_desk(
        tmp_path, demo_orders_database, limits=SMALL, toml="limits = { records_per_request = 10 }"
    ) as desk:
        async with desk.opened() as workspace:
            plan = await workspace.plan(Selection(("ATELIER ÉTOILE",), limit=20))
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
