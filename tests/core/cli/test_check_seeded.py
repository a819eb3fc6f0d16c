"""`deltadesk check` finds each error seeded into a copy of the shipped configuration: line, key, remedy."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core.demo.testing import ITEMS_BOARD, DemoDesk
from core.sandbox.session import Session

HANDLING = 'column = "text_handling"\ntype = "text"'
KEY_RULE = 'source = "record_uuid"\ncolumn = "record_uuid"\ntype = "text"\nrequired = true'


@dataclass(frozen=True)
class Seed:
    """One error: what is replaced in the file, where it must be told, and a word of the remedy."""

    name: str
    old: str
    new: str
    mark: str
    """A passage of the seeded text; the finding stands on its line."""
    key: str
    """How the dotted key ends."""
    told: str
    remedy: str
    board: Callable[[Session], None] | None = None
    """A change of the board that goes with it."""
    ok: bool = False
    """Whether the check passes: it is worth knowing and stops nothing."""

    def __str__(self) -> str:
        return self.name


def on_board(column_id: str, **update: Any) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        column = session.board(ITEMS_BOARD).columns[column_id]
        settings = {**column.settings, **update.pop("settings", {})}
        session.store.put_column(ITEMS_BOARD, replace(column, settings=settings, **update))

    return change


def required(column_id: str) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        session.store.run(
            "UPDATE board SET attributes = json_set(attributes, '$.required_column_ids', json_array(?))"
            " WHERE id = ?",
            (column_id, ITEMS_BOARD),
        )
        session.store._boards.clear()

    return change


LABELS = [{"id": number, "label": f"STYLE {number}", "is_deactivated": False} for number in range(1, 501)]

AT_LOAD = [
    Seed(
        "malformed file",
        'board_id = "7000000001"',
        "board_id = 7000000001 0",
        "board_id = 7000000001 0",
        "",
        "not valid TOML",
        "Correct this line",
    ),
    Seed(
        "misspelled key of a rule",
        'source = "FREIGHT"',
        'sourec = "FREIGHT"',
        'sourec = "FREIGHT"',
        ".sourec",
        "did you mean 'source'",
        "Correct this line",
    ),
    Seed(
        "source and template",
        'source = "FREIGHT"',
        'source = "FREIGHT"\ntemplate = "{FREIGHT}"',
        '[[mappings.order_list.items]]\nsource = "FREIGHT"',
        "",
        "exactly one of the keys 'source' and 'template'",
        "Correct this line",
    ),
    Seed(
        "unknown policy",
        'on_too_long = "truncate"',
        'on_too_long = "cut"',
        'on_too_long = "cut"',
        ".on_too_long",
        "'refuse' or 'truncate'",
        "Correct this line",
    ),
    Seed(
        "text for a switch",
        "required = true",
        'required = "yes"',
        'required = "yes"',
        ".required",
        "true or false",
        "Correct this line",
    ),
    Seed(
        "unknown transform",
        'transforms = ["trim"]',
        'transforms = ["strip"]',
        'transforms = ["strip"]',
        ".transforms.0",
        "expected 'trim'",
        "Correct this line",
    ),
    Seed(
        "lookup table missing",
        'source = "FREIGHT"',
        'source = "FREIGHT"\ntransforms = [{lookup = "freights"}]',
        'transforms = [{lookup = "freights"}]',
        ".lookup",
        "expected a table [mappings.order_list.lookups.freights]",
        "Correct this line",
    ),
    Seed(
        "stand-in label without its policy",
        'column = "dropdown_category"',
        'column = "dropdown_category"\nunknown_label = "OTHER"',
        '[[mappings.order_list.items]]\nsource = "CATEGORY"',
        "",
        "'unknown_label' together",
        "Correct this line",
    ),
    Seed(
        "mapping set that there is not",
        'mapping = "order_list"',
        'mapping = "order_lists"',
        'mapping = "order_lists"',
        ".mapping",
        "expected a table [mappings.order_lists]",
        "Correct this line",
    ),
    Seed(
        "board id that is no number",
        'board_id = "7000000001"',
        'board_id = "Order list"',
        'board_id = "Order list"',
        ".board_id",
        "digits only",
        "Correct this line",
    ),
    Seed(
        "heir of nobody",
        'inherits = "development"',
        'inherits = "staging"',
        'inherits = "staging"',
        ".inherits",
        "name of another profile",
        "Correct this line",
    ),
]

AGAINST_THE_DATABASE = [
    Seed(
        "misspelled source column",
        'source = "SMS PRICE USD"',
        'source = "SMS PRICE USDD"',
        'source = "SMS PRICE USDD"',
        ".source",
        "no column 'SMS PRICE USDD'",
        "Did you mean 'SMS PRICE USD'?",
    ),
    Seed(
        "misspelled column in a template",
        "{CUSTOMER STYLE}_{CUSTOMER COLOUR DESCRIPTION}",
        "{CUSTOMER STYLE}_{CUSTOMER COLOR DESCRIPTION}",
        "{CUSTOMER STYLE}_{CUSTOMER COLOR DESCRIPTION}",
        ".template",
        "no column 'CUSTOMER COLOR DESCRIPTION'",
        "Did you mean 'CUSTOMER COLOUR DESCRIPTION'?",
    ),
    Seed(
        "misspelled column in the item name",
        'item_name = "{CUSTOMER STYLE} ',
        'item_name = "{CUSTOMER STYLES} ',
        'item_name = "{CUSTOMER STYLES} ',
        "mappings.order_list.item_name",
        "item name uses the column 'CUSTOMER STYLES'",
        "Did you mean 'CUSTOMER STYLE'?",
    ),
    Seed(
        "header column in a rule of subitems",
        'source = "size_code"',
        'source = "CATEGORY"',
        'source = "CATEGORY"\ncolumn = "dropdown_size"',
        ".subitems.1.source",
        "The lines table has no column 'CATEGORY'",
        "a column of the headers table",
    ),
    Seed(
        "misspelled display column",
        '    "AAG SEASON",\n]',
        '    "AAG SEASONS",\n]',
        '    "AAG SEASONS",\n]',
        "profiles.demo.display_columns.4",
        "no column 'AAG SEASONS'",
        "Did you mean 'AAG SEASON'?",
    ),
    Seed(
        "misspelled table",
        'lines_table = "ORDER_LIST_LINES_DELTA"',
        'lines_table = "ORDER_LIST_LINE_DELTA"',
        'lines_table = "ORDER_LIST_LINE_DELTA"',
        "profiles.demo.lines_table",
        "no table 'ORDER_LIST_LINE_DELTA'",
        "Did you mean 'ORDER_LIST_LINES_DELTA'?",
    ),
]

AGAINST_THE_BOARD = [
    Seed(
        "unknown column id",
        'column = "text_handling"',
        'column = "text_handeling"',
        'column = "text_handeling"',
        ".column",
        "no column 'text_handeling'",
        "Did you mean 'text_handling' (HANDLING)?",
    ),
    Seed(
        "title in the place of an id",
        'column = "text_handling"',
        'column = "Handling"',
        'column = "Handling"',
        ".column",
        "no column 'Handling'",
        "Did you mean 'text_handling' (HANDLING)?",
    ),
    Seed(
        "wrong type",
        HANDLING,
        HANDLING.replace('"text"', '"numbers"'),
        'type = "numbers"\n\n# Cleared when empty',
        ".type",
        "HANDLING is a text column on the board, the mapping says numbers",
        'Set type = "text"',
    ),
    Seed(
        "read-only column",
        HANDLING,
        'column = "formula_revenue_fob"\ntype = "formula"',
        'column = "formula_revenue_fob"',
        ".column",
        "cannot be written",
        "computed from other columns",
    ),
    Seed(
        "two rules for one column",
        'column = "text_handling"',
        'column = "text_destination"',
        'column = "text_destination"\ntype = "text"\n\n# Cleared when empty',
        ".column",
        "Two rules write text_destination",
        "Remove one of them",
    ),
    Seed(
        "archived column",
        "",
        "",
        'column = "text_handling"',
        ".column",
        "HANDLING is archived",
        "Restore the column",
        on_board("text_handling", archived=True),
    ),
    Seed(
        "key column without a rule",
        'item_key_column = "record_uuid"',
        'item_key_column = "record_uid"',
        'item_key_column = "record_uid"',
        "mappings.order_list.item_key_column",
        "record_uid has no rule",
        "Did you mean 'record_uuid'?",
    ),
    Seed(
        "key column that is no text",
        'item_key_column = "record_uuid"',
        'item_key_column = "dropdown_customer"',
        'item_key_column = "dropdown_customer"',
        "mappings.order_list.item_key_column",
        "CUSTOMER is a dropdown column",
        "Name a text column",
    ),
    Seed(
        "changed key",
        KEY_RULE,
        f'{KEY_RULE}\ntransforms = ["upper"]',
        'transforms = ["upper"]',
        ".items.0.transforms",
        "would not hold the key as it is",
        "without transforms",
    ),
    Seed(
        "no key column",
        'subitem_key_column = "line_uuid"',
        "",
        "[mappings.order_list]\n",
        "mappings.order_list.subitem_key_column",
        "No key column is named for subitems",
        "Add a text column",
        ok=True,
    ),
    Seed(
        "stand-in label that the board lacks",
        'column = "dropdown_category"\ntype = "dropdown"',
        'column = "dropdown_category"\ntype = "dropdown"\non_unknown_label = "map"\n'
        'unknown_label = "MENSWEAR"',
        'unknown_label = "MENSWEAR"',
        ".unknown_label",
        "CATEGORY has no label 'MENSWEAR'",
        "Choose a label of the board",
    ),
    Seed(
        "default label that the board lacks",
        'default = "EACH"',
        'default = "EACHES"',
        'default = "EACHES"',
        ".default",
        "no label 'EACHES'",
        "Did you mean 'EACH'?",
    ),
    Seed(
        "lookup table with a label that the board lacks",
        '[[mappings.order_list.items]]\nsource = "CATEGORY"',
        '[mappings.order_list.lookups.categories]\nTOP = "TOPPS"\n\n[[mappings.order_list.items]]\n'
        'transforms = [{lookup = "categories"}]\nsource = "CATEGORY"',
        'transforms = [{lookup = "categories"}]',
        ".transforms.0",
        "lacks: 'TOPPS'",
        "Correct the table",
    ),
    Seed(
        "lookup table that nobody uses",
        '[[mappings.order_list.items]]\nsource = "CATEGORY"',
        '[mappings.order_list.lookups.categories]\nTOP = "TOPS"\n\n[[mappings.order_list.items]]\n'
        'source = "CATEGORY"',
        "[mappings.order_list.lookups.categories]",
        ".lookups.categories",
        "No rule uses the lookup table 'categories'",
        "or remove the table",
        ok=True,
    ),
    Seed(
        "new labels for a full column",
        "",
        "",
        'on_unknown_label = "create"\n\n[[mappings.order_list.items]]\nsource = "PATTERN ID"',
        ".on_unknown_label",
        "500 of the 500 labels",
        "Remove labels that are not used",
        on_board("dropdown_style", settings={"labels": LABELS}),
    ),
    Seed(
        "required column without a rule",
        "",
        "",
        '[[mappings.order_list.items]]\nsource = "record_uuid"',
        "mappings.order_list.items",
        "requires a value in PPS CMT DUE",
        'Add a rule with column = "date_pps_cmt_due"',
        required("date_pps_cmt_due"),
    ),
    Seed(
        "required column that may stay empty",
        "",
        "",
        '[[mappings.order_list.items]]\nsource = "PATTERN ID"',
        ".required",
        "requires a value in PATTERN ID",
        "Set required = true",
        required("text_pattern_id"),
        ok=True,
    ),
    Seed(
        "renamed id that nobody writes",
        '# dropdown_customer = "dropdown_mkx1"',
        "",
        'dropdown_custommer = "x"',
        "profiles.practice.column_ids.dropdown_custommer",
        "which no rule of the mapping order_list writes",
        "Did you mean 'dropdown_customer'?",
        ok=True,
    ),
    Seed(
        "renamed id that the board lacks",
        '# dropdown_customer = "dropdown_mkx1"',
        "",
        'text_handling = "text_handeling"',
        "profiles.practice.column_ids.text_handling",
        "no column 'text_handeling'",
        "Did you mean 'text_handling' (HANDLING)?",
    ),
]


def seeded_text(text: str, seed: Seed) -> str:
    if "column_ids" in seed.key:
        return f"{text}column_ids = {{ {seed.mark} }}\n"
    assert not seed.old or seed.old in text
    return text.replace(seed.old, seed.new, 1) if seed.old else text


def findings(told: dict[str, Any]) -> list[tuple[int, str, str, str]]:
    """(line, dotted key, what, remedy) of everything that the command tells."""
    if "error" in told:
        problems = [(problem, _place(problem)) for problem in told["error"]]
    else:
        problems = [
            (check["problem"], (check["place"]["line"], check["place"]["key"]))
            for check in told["checks"]
            if check["problem"] and check["place"]
        ]
    return [(line, key, problem["title"], problem["remedy"]) for problem, (line, key) in problems]


def _place(problem: dict[str, Any]) -> tuple[int, str]:
    """A file that cannot be loaded names the line in the subject and the key in the title."""
    found = re.search(r"(?:, line |:)(\d+)(?:, (.*))?$", problem["subject"])
    assert found, problem["subject"]
    return int(found[1]), found[2] or problem["title"].split(": ", 1)[0]


@pytest.mark.parametrize("seed", [*AT_LOAD, *AGAINST_THE_DATABASE, *AGAINST_THE_BOARD], ids=str)
def test_a_seeded_error_is_told_with_its_line_its_key_and_a_remedy(desk: DemoDesk, at_desk, seed: Seed):
    file: Path = desk.configuration_file
    text = seeded_text(file.read_text(encoding="utf-8"), seed)
    file.write_text(text, encoding="utf-8")
    if seed.board is not None:
        desk.board.board.read(seed.board).result()
    line = text[: text.index(seed.mark)].count("\n") + 1

    result = at_desk("check", "--json")

    assert result.exit_code == (0 if seed.ok else 2), result.stderr
    told = findings(json.loads(result.stdout))
    fitting = [each for each in told if seed.told in each[2]]
    assert fitting, told
    assert [each[0] for each in fitting] == [line]
    assert fitting[0][1].endswith(seed.key)
    assert seed.remedy in fitting[0][3]

    shown = at_desk("check")
    place = f"{file}, line {line}" if seed in AT_LOAD else f"{file}:{line}"
    assert place in shown.stderr
    assert "What to do:" in shown.stderr


def test_errors_of_one_kind_are_told_all_at_once_in_the_order_of_the_file(desk: DemoDesk, at_desk):
    text = desk.configuration_file.read_text(encoding="utf-8")
    for seed in AGAINST_THE_BOARD[:1] + AGAINST_THE_BOARD[6:7]:
        text = seeded_text(text, seed)
    desk.configuration_file.write_text(text, encoding="utf-8")
    result = at_desk("check", "--json")
    told = findings(json.loads(result.stdout))
    lines = [line for line, *_ in told]
    assert len(lines) == 2
    assert lines == sorted(lines)
