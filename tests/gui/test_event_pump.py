import pytest

from gui.event_pump import LARGEST_DELIVERY, EventPump


@pytest.fixture
def pump(qapp):
    return EventPump()


@pytest.fixture
def deliveries(pump):
    gathered: list[list[object]] = []
    pump.arrived.connect(gathered.append)
    return gathered


def test_that_events_of_one_frame_arrive_together_oldest_first(qtbot, pump, deliveries):
    for number in range(40):
        pump.publish(number)
    assert deliveries == []
    qtbot.waitUntil(lambda: pump.waiting == 0)
    assert deliveries == [list(range(40))]


def test_that_no_delivery_is_larger_than_a_frame_can_bear(qtbot, pump, deliveries):
    for number in range(2 * LARGEST_DELIVERY + 1):
        pump.publish(number)
    qtbot.waitUntil(lambda: pump.waiting == 0)
    assert [len(delivery) for delivery in deliveries] == [LARGEST_DELIVERY, LARGEST_DELIVERY, 1]
    assert [event for delivery in deliveries for event in delivery] == list(range(2 * LARGEST_DELIVERY + 1))


def test_that_flush_delivers_everything_at_once_and_nothing_twice(qtbot, pump, deliveries):
    for number in range(LARGEST_DELIVERY + 2):
        pump.publish(number)
    pump.flush()
    assert [len(delivery) for delivery in deliveries] == [LARGEST_DELIVERY, 2]
    with qtbot.assertNotEmitted(pump.arrived, wait=40):
        pump.flush()


def test_that_an_event_published_while_others_arrive_comes_later(qtbot, pump, deliveries):
    pump.arrived.connect(lambda events: pump.publish("echo") if "first" in events else None)
    pump.publish("first")
    qtbot.waitUntil(lambda: len(deliveries) == 2)
    assert deliveries == [["first"], ["echo"]]
