"""Status and dropdown columns that are made with their labels (reference/status, reference/dropdown)."""

from typing import Any

import pytest

BOARD = "7000000001"
STATUS = (
    "mutation ($board: ID!, $id: String, $defaults: CreateStatusColumnSettingsInput) {"
    ' create_status_column(board_id: $board, title: "Unit", id: $id, defaults: $defaults) { id settings } }'
)
DROPDOWN = (
    "mutation ($board: ID!, $id: String, $defaults: CreateDropdownColumnSettingsInput) {"
    ' create_dropdown_column(board_id: $board, title: "Size", id: $id, defaults: $defaults)'
    " { id type settings } }"
)


def label(text: str, color: str, index: int, **more: Any) -> dict[str, Any]:
    return {"label": text, "color": color, "index": index, **more}


def test_that_a_status_label_s_id_is_its_colour_s_number(caller) -> None:
    labels = [label("EACH", "bright_blue", 0), label("DONE", "done_green", 1, is_done=True)]
    made = caller.data(STATUS, board=BOARD, id="unit", defaults={"labels": labels})["create_status_column"]
    assert made["id"] == "unit"
    assert [(entry["id"], entry["label"], entry["is_done"]) for entry in made["settings"]["labels"]] == [
        (7, "EACH", False),
        (1, "DONE", True),
    ]


def test_that_a_status_column_without_labels_gets_those_of_a_new_board(caller) -> None:
    made = caller.data(STATUS, board=BOARD)["create_status_column"]
    assert [entry["label"] for entry in made["settings"]["labels"]] == ["Working on it", "Done", "Stuck"]


def test_that_dropdown_labels_are_numbered_from_1_and_limits_are_kept(caller) -> None:
    defaults = {"labels": [{"label": "S"}, {"label": "M"}], "limit_select": True, "label_limit_count": 1}
    made = caller.data(DROPDOWN, board=BOARD, defaults=defaults)["create_dropdown_column"]
    assert made["type"] == "dropdown"
    assert [(entry["id"], entry["label"]) for entry in made["settings"]["labels"]] == [(1, "S"), (2, "M")]
    assert (made["settings"]["limit_select"], made["settings"]["label_limit_count"]) == (True, 1)


@pytest.mark.parametrize(
    "labels",
    [
        [label("x" * 31, "done_green", 0)],
        [label("", "done_green", 0)],
        [label("A", "done_green", 40)],
        [label("A", "done_green", 0), label("A", "stuck_red", 1)],
        [label("A", "done_green", 0), label("B", "done_green", 1)],
        [label("A", "done_green", 0), label("B", "stuck_red", 0)],
    ],
)
def test_that_status_labels_beyond_the_rules_are_refused(caller, labels) -> None:
    error = caller.error(STATUS, board=BOARD, defaults={"labels": labels})
    assert error["extensions"]["code"] == "InvalidArgumentException"


@pytest.mark.parametrize("texts", [[""], ["A", "A"], [str(number) for number in range(501)]])
def test_that_dropdown_labels_beyond_the_rules_are_refused(caller, texts) -> None:
    error = caller.error(DROPDOWN, board=BOARD, defaults={"labels": [{"label": text} for text in texts]})
    assert error["extensions"]["code"] == "InvalidArgumentException"


@pytest.mark.parametrize("document", [STATUS, DROPDOWN])
def test_that_the_id_asked_for_must_be_free_and_of_small_letters(caller, document) -> None:
    for column_id in ("Unit", "u" * 21, "name"):
        error = caller.error(document, board=BOARD, id=column_id)
        assert error["extensions"]["code"] == "InvalidArgumentException"
