from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import Problem
from core.sync.report import ApiUse, Counts, KeptOrder, RunReport, Undone, UndoneBy
from core.workspace.run_account import RUN_INTERRUPTED
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


def test_that_an_undo_of_several_runs_is_told_as_theirs() -> None:
    both = replace(UNDONE, undoes_also=("run-0",))
    assert verdict(both).title == "Everything that the runs made is archived"
    nothing = replace(both, orders=Counts(), lines=Counts(), kept=(KEPT,))
    assert verdict(nothing).title == "Nothing of the runs was undone"


def test_that_the_next_step_after_an_undo_is_named() -> None:
    assert "the next push makes them afresh" in verdict(UNDONE).text
    assert "undo the same run again" in verdict(LOST).text
    assert not has_open_failures(REFUSED)


def test_that_an_undo_that_was_stopped_says_how_to_go_on() -> None:
    stopped = replace(UNDONE, orders=Counts(selected=2, archived=1, not_started=1), cancelled=True)
    assert verdict(stopped).title == "The undo was stopped by a person"
    assert "undo the same run again" in verdict(stopped).text


def test_that_kept_orders_are_listed_behind_failures() -> None:
    (told,) = records_to_tell(PARTLY)
    assert (told.label, told.message, told.remedy) == ("AAG-3", KEPT.message, KEPT.remedy)
    assert told_title(PARTLY) == "1 order kept as it is"
    assert told_title(UNDONE) == "Nothing failed in this run"
    assert kind_text(UNDONE) == "Undo"
    assert "Archived" in balance_parts(undo=True)


BY = UndoneBy("1a2b3c4d-9", AT.replace(hour=10), 5)
PUSHED = replace(
    UNDONE,
    undoes="",
    run_id="run-1",
    orders=Counts(selected=6, created=6),
    lines=Counts(selected=6, created=6),
)
WHOLLY = replace(PUSHED, undone=Undone(5, (BY,)))
IN_PART = replace(PUSHED, undone=Undone(6, (BY,)))


def test_that_an_undone_run_says_so_in_place_of_all_being_on_the_board() -> None:
    assert (verdict(PUSHED).title, ending(PUSHED)) == (
        "Every selected record is on the board",
        "Everything synced",
    )
    head = verdict(WHOLLY)
    assert (head.severity, head.title) == ("info", "This run was undone: all 5 items are archived")
    when = f"{BY.at.astimezone():%Y-%m-%d %H:%M}"
    assert head.text.startswith(f"Undone by run 1a2b3c4d of {when}.")
    assert "It had ended so: Every selected record is on the board." in head.text
    assert ending(WHOLLY) == "Undone since"


def test_that_what_is_left_of_an_undone_run_is_counted_and_the_way_to_the_reasons_named() -> None:
    head = verdict(IN_PART)
    assert head.severity == "warn"
    assert head.title == "This run was undone in part: 5 of 6 items are archived"
    assert "1 item was not archived: Undo… says why." in head.text
    assert ending(IN_PART) == "Partly undone since"


def test_that_each_undo_and_each_run_that_went_with_it_is_named() -> None:
    undone = Undone(8, (BY, UndoneBy("5e6f7a8b-9", BY.at, 3)), ("aaaaaaaa-1", "bbbbbbbb-1"))
    text = verdict(replace(WHOLLY, undone=undone)).text
    assert "run 1a2b3c4d of " in text
    assert " and run 5e6f7a8b of " in text
    assert "Runs aaaaaaaa and bbbbbbbb were undone with it" in text


def test_that_an_interrupted_run_that_was_undone_still_tells_so_and_offers_nothing() -> None:
    stopped = Problem(RUN_INTERRUPTED, "The run was interrupted", "worker desk:1", "It is offered.")
    report = replace(WHOLLY, stopped=stopped)
    assert "It is offered" not in verdict(report).text
    assert "It had ended so: The run was interrupted." in verdict(report).text


def test_that_of_one_item_it_is_told_in_the_singular() -> None:
    undone = Undone(1, (replace(BY, items=1),))
    assert verdict(replace(WHOLLY, undone=undone)).title == "This run was undone: its item is archived"
