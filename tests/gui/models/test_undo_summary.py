from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.sync.report import ApiUse, Counts, KeptOrder, RunReport
from gui.models.report_table import kind_text, records_to_tell, told_title
from gui.models.run_summary import balance_parts, ending, has_open_failures, verdict

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEPT = KeptOrder("o3", "AAG-3", "ACME", "changed_by_hand", "Changed by hand on the board: Due", "Look.")
UNDONE = RunReport(
    run_id="run-2",
    profile="demo",
    dry_run=False,
    started_at=AT,
    finished_at=AT,
    orders=Counts(selected=2, archived=2),
    lines=Counts(selected=4, archived=4),
    customers=(),
    failures=(),
    api=ApiUse(calls=1),
    seconds=1.0,
    undoes="run-1",
)
PARTLY = replace(UNDONE, orders=Counts(selected=3, archived=2, skipped=1), kept=(KEPT,))
LOST = replace(UNDONE, orders=Counts(selected=2, archived=1, unknown=1))
REFUSED = replace(UNDONE, orders=Counts(selected=2, archived=1, failed=1))
NOTHING = replace(UNDONE, orders=Counts(), lines=Counts())


@pytest.mark.parametrize(
    ("report", "severity", "title", "words"),
    [
        (UNDONE, "ok", "Everything that the run made is archived", "Undone"),
        (PARTLY, "warn", "2 items archived, 1 kept", "Undone, 1 order kept"),
        (LOST, "warn", "The undo ended with open ends", "Ended with unknown outcomes"),
        (REFUSED, "warn", "The undo ended with open ends", "Ended with failures"),
        (NOTHING, "ok", "There was nothing to undo", "Nothing to undo"),
        (replace(NOTHING, kept=(KEPT,)), "warn", "Nothing of the run was undone", "Nothing undone"),
    ],
)
def test_that_the_end_of_an_undo_is_told_in_its_own_words(report, severity, title, words) -> None:
    head = verdict(report)
    assert (head.severity, head.title, ending(report)) == (severity, title, words)
    assert "synced" not in f"{head.title} {head.text}".lower()


def test_that_the_next_step_after_an_undo_is_named() -> None:
    assert "the next push makes them afresh" in verdict(UNDONE).text
    assert "undo the same run again" in verdict(LOST).text
    assert not has_open_failures(REFUSED)


def test_that_an_undo_that_was_stopped_says_how_to_go_on() -> None:
    stopped = replace(UNDONE, orders=Counts(selected=2, archived=1, not_started=1), cancelled=True)
    assert verdict(stopped).title == "The undo was stopped by you"
    assert "undo the same run again" in verdict(stopped).text


def test_that_kept_orders_are_listed_behind_failures() -> None:
    (told,) = records_to_tell(PARTLY)
    assert (told.label, told.message, told.remedy) == ("AAG-3", KEPT.message, KEPT.remedy)
    assert told_title(PARTLY) == "1 order kept as it is"
    assert told_title(UNDONE) == "Nothing failed in this run"
    assert kind_text(UNDONE) == "Undo"
    assert "Archived" in balance_parts(undo=True)
