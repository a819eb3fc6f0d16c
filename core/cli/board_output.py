"""What `deltadesk board` prints."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.markup import escape

from core.cli.output import console, messages, print_json, print_problem, problem_json, table
from core.mapping.writers import writer_for
from core.monday.board import Board, BoardSchema, Column
from core.monday.structure import BoardSummary
from core.redaction import redact
from core.workspace.board_diff import BoardDiff, DifferenceKind
from core.workspace.board_making import BoardSetupReport
from core.workspace.board_setup import BoardSetupPlan, SetupStep, column_ids_lines
from core.workspace.board_structure import MappingSuggestions

_LABELS_SHOWN = 8

_WORDS = {
    DifferenceKind.ONLY_LEFT: "missing on the right",
    DifferenceKind.ONLY_RIGHT: "missing on the left",
    DifferenceKind.TYPE: "other type",
    DifferenceKind.ID: "other id",
    DifferenceKind.TITLE: "other title",
    DifferenceKind.LABELS: "labels missing",
    DifferenceKind.SUBITEMS: "no subitems board",
}


def _plain(text: str) -> str:
    return escape(redact(text))


def print_boards(boards: Sequence[BoardSummary], own_id: str, search: str, *, as_json: bool) -> None:
    """Boards by name; the profile's own is marked."""
    if as_json:
        print_json(
            {
                "boards": [
                    {
                        "id": board.id,
                        "name": board.name,
                        "workspace": board.workspace,
                        "url": board.url,
                        "of_profile": board.id == own_id,
                    }
                    for board in boards
                ]
            }
        )
        return
    if not boards:
        console.print(f"No board that the token's user may see matches '{_plain(search)}'.")
        return
    shown = table(("Id", "left"), ("Name", "left"), ("Workspace", "left"), ("", "left"))
    for board in boards:
        mark = "this profile's board" if board.id == own_id else ""
        shown.add_row(board.id, _plain(board.name), _plain(board.workspace), mark)
    console.print(shown)


def print_columns(schema: BoardSchema, *, as_json: bool) -> None:
    """Every column of the items board and of the subitems board."""
    sides = [("items", schema.items), *([("subitems", schema.subitems)] if schema.subitems else [])]
    if as_json:
        print_json(
            {
                "id": schema.items.id,
                "name": schema.items.name,
                "subitems_board_id": schema.subitems.id if schema.subitems else None,
                **{side: _columns_json(board) for side, board in sides},
            }
        )
        return
    for side, board in sides:
        console.print(f"[bold]{_plain(board.name)}[/] ({board.id}), {side}")
        shown = table(
            ("Title", "left"),
            ("Id", "left"),
            ("Type", "left"),
            ("Labels", "right"),
            ("Can be mapped", "left"),
        )
        for column in board.columns:
            labels = str(len(column.label_ids)) if column.label_ids else ""
            can = "yes" if _mappable(column) else "no, archived" if column.archived else "no, read-only"
            shown.add_row(_plain(column.title), column.id, column.type, labels, can)
        console.print(shown)
    if schema.subitems is None:
        console.print("The board has no subitems.")


def _mappable(column: Column) -> bool:
    return column.writable and writer_for(column.type) is not None


def _columns_json(board: Board) -> list[dict[str, Any]]:
    return [
        {
            "id": column.id,
            "title": column.title,
            "type": column.type,
            "writable": _mappable(column),
            "archived": column.archived,
            "labels": list(column.label_ids),
        }
        for column in board.columns
    ]


def print_suggestions(found: MappingSuggestions, *, as_json: bool) -> None:
    """Pairs that could become rules, the surest first, and columns that the board could get."""
    sides = (
        ("items", found.items, found.missing_items),
        ("subitems", found.subitems, found.missing_subitems),
    )
    if as_json:
        print_json(
            {
                side: {
                    "suggestions": [{**asdict(each), "acceptable": each.acceptable} for each in suggestions],
                    "proposed_columns": [asdict(each) for each in proposed],
                }
                for side, suggestions, proposed in sides
            }
        )
        return
    shown = table(
        ("Board", "left"),
        ("Source", "left"),
        ("Column", "left"),
        ("Type", "left"),
        ("Sure", "right"),
        ("Why", "left"),
    )
    for side, suggestions, _proposed in sides:
        for each in suggestions:
            color = "green" if each.acceptable else "yellow"
            sure = f"[{color}]{each.confidence:.0%}[/]"
            pair = (each.source, f"{each.column_title} ({each.column_id})")
            shown.add_row(side, *map(_plain, pair), each.column_type, sure, _plain(each.reason))
    if found.items or found.subitems:
        console.print(shown)
        console.print("Accept them in the window: Mappings.")
    else:
        console.print("No board column without a rule matches a source column without one.")
    for side, _suggestions, proposed in sides:
        if proposed:
            names = ", ".join(each.title for each in proposed[:_LABELS_SHOWN])
            more = f" and {len(proposed) - _LABELS_SHOWN} more" if len(proposed) > _LABELS_SHOWN else ""
            what = f"{len(proposed)} source columns of {side} have no counterpart on the board"
            console.print(f"{what}: {_plain(names)}{more}")


def print_diff(diff: BoardDiff, *, as_json: bool) -> None:
    """Every difference on a line, or that there is none."""
    if as_json:
        print_json(
            {
                "left": diff.left,
                "right": diff.right,
                "same": diff.same,
                "differences": [
                    {
                        "board": difference.side,
                        "kind": difference.kind.value,
                        "title": difference.title,
                        "left": difference.left,
                        "right": difference.right,
                        "labels_missing_left": list(difference.missing_left),
                        "labels_missing_right": list(difference.missing_right),
                    }
                    for difference in diff.differences
                ],
            }
        )
        return
    console.print(f"Left:  {_plain(diff.left)}\nRight: {_plain(diff.right)}")
    if diff.same:
        console.print("The boards have the same columns, types and labels. Groups were not compared.")
        return
    shown = table(
        ("Board", "left"), ("Column", "left"), ("Difference", "left"), ("Left", "left"), ("Right", "left")
    )
    for difference in diff.differences:
        words = _WORDS[difference.kind]
        sides = (_labels(difference.left), _labels(difference.right))
        shown.add_row(difference.side, _plain(difference.title), words, *map(_plain, sides))
    console.print(shown)
    console.print(f"{len(diff.differences)} differences. Groups were not compared.")


def _labels(text: str) -> str:
    """The first labels of a long list."""
    parts = text.split(", ")
    if len(parts) <= _LABELS_SHOWN:
        return text
    return f"{', '.join(parts[:_LABELS_SHOWN])} and {len(parts) - _LABELS_SHOWN} more"


def plan_json(plan: BoardSetupPlan) -> dict[str, Any]:
    """A setup plan as JSON."""
    return {
        "profile": plan.profile,
        "board_id": plan.board_id,
        "board_name": plan.board_name,
        "subitems_board_id": plan.subitems_board_id,
        "create": [_step_json(step) for step in plan.steps],
        "by_hand": [
            {"board": each.side, "title": each.title, "what": each.what, "remedy": each.remedy}
            for each in plan.by_hand
        ],
        "column_ids": list(column_ids_lines(plan)),
    }


def _step_json(step: SetupStep) -> dict[str, Any]:
    column = step.column
    return {
        "board": step.side,
        "title": column.title,
        "type": column.type,
        "id": column.id,
        "labels": [label.text for label in column.labels],
        "settings": dict(column.settings),
        "note": step.note,
    }


def print_plan(plan: BoardSetupPlan) -> None:
    """What would be made, what a person must do, and the ids that differ."""
    console.print(f"[bold]{_plain(plan.board_name)}[/] ({plan.board_id}), profile {_plain(plan.profile)}")
    if plan.steps:
        shown = table(
            ("Board", "left"),
            ("New column", "left"),
            ("Type", "left"),
            ("Id", "left"),
            ("Labels", "left"),
            ("", "left"),
        )
        for step in plan.steps:
            labels = _labels(", ".join(label.text for label in step.column.labels))
            identifier = step.column.id or "the board's choice"
            row = (step.side, step.column.title, step.column.type, identifier, labels, step.note)
            shown.add_row(*map(_plain, row))
        console.print(shown)
    else:
        console.print("The board lacks no column that can be made here.")
    if plan.by_hand:
        console.print(f"\n{len(plan.by_hand)} things are to be done by hand on the board:")
        for each in plan.by_hand:
            console.print(f"  {each.side}, {_plain(each.title)}: {_plain(each.what)}.")
            console.print(f"    {_plain(each.remedy)}")
    print_column_ids(plan.profile, column_ids_lines(plan))


def print_column_ids(profile: str, lines: Sequence[str]) -> None:
    """The lines to paste into the configuration, if there are any."""
    if lines:
        console.print("\nThe board has other ids for these columns. Put this into the configuration:\n")
        console.print(_plain("\n".join((f"[profiles.{profile}.column_ids]", *lines))))


def report_json(report: BoardSetupReport) -> dict[str, Any]:
    """A setup report as JSON."""
    return {
        **plan_json(report.plan),
        "complete": report.complete,
        "made": [
            {"board": made.side, "title": made.title, "type": made.type, "id": made.column_id}
            for made in report.made
        ],
        "failed": [
            {"board": failed.side, "title": failed.title, "problem": problem_json(failed.problem)}
            for failed in report.failed
        ],
        "not_tried": [_step_json(step) for step in report.not_tried],
        "stopped": problem_json(report.stopped) if report.stopped else None,
        "column_ids": list(report.column_ids),
        "calls": report.calls,
    }


def print_report(report: BoardSetupReport) -> None:
    """What was made, what was not and why, and the ids that differ."""
    made, planned = len(report.made), len(report.plan.steps)
    console.print(f"\n{made} of {planned} columns are on the board now ({report.calls} API calls).")
    for failed in report.failed:
        print_problem(failed.problem)
    if report.not_tried:
        titles = ", ".join(step.column.title for step in report.not_tried)
        messages.print(f"Not made: {_plain(titles)}")
    if report.stopped is not None:
        print_problem(report.stopped)
    print_column_ids(report.plan.profile, report.column_ids)
