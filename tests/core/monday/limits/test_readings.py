"""Header and body of an answer: which of them is believed, and to which window a request was charged."""

from core.monday.limits.readings import Reading, Span, told
from core.monday.rate_headers import Budget

SENT, NOW = 1_000.0, 1_012.0


def header(left: int, reset: float | None) -> Budget:
    return Budget(quota=1_000_000, window_seconds=60, left=left, reset_seconds=reset)


def body(after: int, reset: int) -> dict[str, int]:
    return {"before": after + 10_000, "query": 10_000, "after": after, "reset_in_x_seconds": reset}


def test_of_one_window_the_header_is_the_younger_reading():
    found = told(header(300_000, 28), body(900_000, 40), SENT, NOW)
    assert found.reading == Reading(300_000, NOW, Span(NOW + 27, NOW + 28))
    assert found.charged == Span(SENT + 39, NOW + 40)


def test_where_the_window_ended_under_the_request_the_header_tells_of_the_next_one():
    found = told(header(1_000_000, 60), body(900_000, 5), SENT, NOW)
    assert found.reading == Reading(1_000_000, NOW, Span(NOW + 59, NOW + 60))
    assert found.charged == Span(SENT + 4, NOW + 5)


def test_a_header_that_contradicts_the_body_is_not_believed():
    for reset in (2, 58):
        found = told(header(0, reset), body(900_000, 20), SENT, NOW)
        assert found.reading == Reading(900_000, SENT, Span(SENT + 19, NOW + 20))


def test_without_a_header_the_body_tells_as_of_the_requests_arrival():
    found = told(Budget(), body(900_000, 40), SENT, NOW)
    assert found.reading == Reading(900_000, SENT, Span(SENT + 39, NOW + 40))


def test_without_a_body_the_header_tells_and_nobody_knows_where_the_request_was_charged():
    found = told(header(300_000, 28), None, SENT, NOW)
    assert found.reading == Reading(300_000, NOW, Span(NOW + 27, NOW + 28))
    assert found.charged is None


def test_an_answer_that_tells_nothing_is_no_reading():
    found = told(Budget(), None, SENT, NOW)
    assert found.reading is None
    assert found.quota is None
