"""The journal's note of an import's job: steps are taken once, by one worker."""

from datetime import UTC, datetime

import pytest

from core.orders.import_jobs import JobNote, JobStage

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOTE = JobNote(JobStage.STARTED, "job-1", NOW)


@pytest.mark.parametrize("note", [NOTE, NOTE.at(JobStage.UPLOADING), JobNote(JobStage.GIVEN_UP)])
def test_a_note_comes_back_as_it_was_written(note):
    assert JobNote.read(note.text) == note


def test_no_text_is_no_note():
    assert JobNote.read(None) is None
    assert JobNote.read("") is None
