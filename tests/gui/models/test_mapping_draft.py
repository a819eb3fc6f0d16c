import pytest

from core.config.model import ColumnMapping, MappingSet
from gui.models.mapping_draft import MappingDraft, empty_rule, rebased


def make_rule(column, **changes):
    return ColumnMapping(**{"column": column, "type": "text", "source": column.upper(), **changes})


def make_mapping(*items, **changes):
    values = {"group_name": "{C}", "item_name": "{S}", "subitem_name": "{size}", "items": items}
    return MappingSet(**{**values, **changes})


SAVED = make_mapping(make_rule("style"), make_rule("category"))


@pytest.fixture
def draft(qapp):
    draft = MappingDraft()
    draft.load(SAVED)
    return draft


def required(column):
    return make_rule(column, required=True)


def test_that_a_fresh_draft_has_no_changes_and_nothing_to_undo(draft):
    assert draft.current == SAVED
    assert not draft.has_changes
    assert not draft.undo_stack.canUndo()


def test_that_every_edit_can_be_undone_and_done_again_by_its_name(draft):
    draft.set_rule("items", 0, required("style"), "set required")
    index = draft.add_rule("subitems", make_rule("size"), "map SIZE → size")
    draft.remove_rules("items", [1], "remove the rule for category")
    edited = draft.current
    assert index == 0
    assert edited.items == (required("style"),)
    assert draft.undo_stack.undoText() == "remove the rule for category"
    for _step in range(3):
        draft.undo_stack.undo()
    assert draft.current == SAVED
    assert draft.undo_stack.redoText() == "set required"
    for _step in range(3):
        draft.undo_stack.redo()
    assert draft.current == edited


def test_that_letters_typed_in_one_go_are_one_step(draft):
    for text in ("{S", "{S}", "{S}X"):
        draft.set_name("item_name", text, "change item name", typing=True)
    assert draft.undo_stack.count() == 1
    draft.end_typing()
    draft.set_name("item_name", "{S}XY", "change item name", typing=True)
    assert draft.undo_stack.count() == 2
    draft.undo_stack.undo()
    assert draft.current.item_name == "{S}X"


def test_that_typing_in_another_place_is_another_step(draft):
    draft.set_name("item_name", "{A}", "a", typing=True)
    draft.set_name("group_name", "{B}", "b", typing=True)
    draft.set_rule("items", 0, make_rule("style", default="x"), "c", typing=True)
    draft.set_rule("items", 1, make_rule("category", default="x"), "d", typing=True)
    assert [draft.undo_stack.text(step) for step in range(draft.undo_stack.count())] == ["a", "b", "c", "d"]


def test_that_typing_which_ends_where_it_began_leaves_no_step(draft):
    draft.set_name("item_name", "{S}x", "change item name", typing=True)
    draft.set_name("item_name", "{S}", "change item name", typing=True)
    assert draft.undo_stack.count() == 0
    assert not draft.has_changes


def test_that_an_edit_that_changes_nothing_is_no_step(draft):
    draft.set_rule("items", 0, make_rule("style"), "nothing")
    assert draft.undo_stack.count() == 0


def test_that_discarded_changes_come_back_by_undo(draft):
    draft.set_rule("items", 0, required("style"), "set required")
    draft.discard()
    assert not draft.has_changes
    draft.undo_stack.undo()
    assert draft.current.items[0].required


def test_that_after_saving_the_way_back_is_a_change(draft):
    draft.set_rule("items", 0, required("style"), "set required")
    draft.mark_saved(draft.current)
    assert not draft.has_changes
    draft.undo_stack.undo()
    assert draft.current == SAVED
    assert draft.has_changes


def test_that_every_state_is_announced(qtbot, draft):
    with qtbot.waitSignal(draft.changed):
        draft.set_rule("items", 0, required("style"), "set required")
    with qtbot.waitSignal(draft.changed):
        draft.undo_stack.undo()
    with qtbot.waitSignal(draft.changed):
        draft.mark_saved(SAVED)


def test_that_unsaved_changes_are_made_again_on_a_file_changed_meanwhile(draft):
    draft.set_rule("items", 0, required("style"), "set required")
    on_disk = make_mapping(make_rule("style"), make_rule("category", default="X"), make_rule("notes"))
    draft.reload(on_disk)
    assert draft.saved == on_disk
    assert draft.current.items == (required("style"), make_rule("category", default="X"), make_rule("notes"))
    draft.undo_stack.undo()
    assert draft.current == on_disk


def test_that_a_reload_without_changes_leaves_nothing_to_undo(draft):
    draft.reload(make_mapping(make_rule("notes")))
    assert draft.current == make_mapping(make_rule("notes"))
    assert not draft.undo_stack.canUndo()


def test_that_rebasing_keeps_removals_additions_and_names():
    edited = make_mapping(make_rule("style"), make_rule("size"), item_name="{S} {C}")
    now = make_mapping(required("style"), make_rule("category"), make_rule("notes"), group_name="{G}")
    result = rebased(SAVED, edited, now)
    assert result == make_mapping(
        required("style"), make_rule("notes"), make_rule("size"), item_name="{S} {C}", group_name="{G}"
    )


def test_that_a_rule_removed_on_disk_stays_away_unless_it_was_edited():
    now = make_mapping(make_rule("style"))
    assert rebased(SAVED, SAVED, now) == now
    edited = make_mapping(make_rule("style"), required("category"))
    assert rebased(SAVED, edited, now).items == (make_rule("style"), required("category"))


def test_that_an_empty_rule_has_neither_source_nor_column():
    assert (empty_rule().origin, empty_rule().column) == ("", "")
