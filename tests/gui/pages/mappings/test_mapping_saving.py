"""Saving with the file's diff and the impact on pending orders; versions; a file changed by somebody else."""

from PySide6.QtWidgets import QAbstractButton, QLabel

from core.errors import Problem
from gui.models.impact_table import impact_details
from gui.pages.mapping_save import SaveQuestion
from gui.pages.mapping_versions import VersionsDialog


async def _asked(desk, field="on_unknown_label", value="create") -> SaveQuestion:
    desk.select("CATEGORY")
    desk.choose(field, value)
    await desk.settle()
    desk.page.view.save_button.click()
    question = await desk.dialog(SaveQuestion)
    await desk.until(question.confirm_button.isEnabled)
    return question


def _rows(view):
    model = view.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_that_saving_shows_changes_lines_of_the_file_and_what_becomes_of_pending_orders(
    desk, run_async, file
):
    async def act():
        await desk.open()
        question = await _asked(desk)
        told = " ".join(label.text() for label in question.findChildren(QLabel))
        assert "Used by Demo, Production (production) and Production (live)." in told
        assert _rows(question.changes_view) == [["Items: CATEGORY", "unknown labels: refuse → create"]]
        diff = question.diff_view.toPlainText().splitlines()
        changed = [line for line in diff if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        assert changed == ['+on_unknown_label = "create"']
        assert question.impact_panel.words().startswith(
            "Of 2 pending orders and 2 lines, 0 change, 0 become invalid and 1 become valid."
        )
        assert [row[:2] for row in _rows(question.impact_view)] == [["Becomes valid", "AAG-2"]]
        assert question.confirm_button.text() == "Save 1 change"
        question.refuse_button.click()
        await desk.settle()
        return file.read_text(encoding="utf-8")

    before = file.read_text(encoding="utf-8")
    assert run_async(act()) == before
    assert desk.workspace.saved == []


def test_that_a_confirmed_save_writes_the_file_and_can_still_be_undone(desk, run_async, file, qtbot):
    async def act():
        await desk.open()
        with qtbot.waitSignal(desk.page.saved):
            (await _asked(desk)).confirm_button.click()
            await desk.settle()

    run_async(act())
    assert 'type = "dropdown"\non_unknown_label = "create"\n' in file.read_text(encoding="utf-8")
    assert "# A fixed list on the board." in file.read_text(encoding="utf-8")
    assert not desk.page.has_unsaved_changes
    assert desk.page.undo_stack.canUndo()


def test_that_records_that_become_invalid_are_a_warning_with_samples(desk, run_async):
    async def act():
        await desk.open()
        desk.page.view.sources.chosen.emit("DUE")
        await desk.settle()
        last = len(desk.page.draft.current.items) - 1
        rule = desk.page.draft.current.items[last].model_copy(update={"date_format": "%d/%m/%Y"})
        desk.page.edits.edit_rule(last, rule, typing=False)
        await desk.settle()
        desk.page.view.save_button.click()
        question = await desk.dialog(SaveQuestion)
        await desk.until(question.confirm_button.isEnabled)
        words = question.impact_panel.accessibleName()
        rows = _rows(question.impact_view)
        question.reject()
        await desk.settle()
        return words, rows

    words, rows = run_async(act())
    assert words.startswith("Warning: Of 2 pending orders and 2 lines")
    assert "1 become invalid" in words
    assert rows[0][:3] == ["Becomes invalid", "AAG-1", "DUE DATE"]


def test_that_an_unknown_impact_is_said_and_does_not_forbid_the_save(desk, run_async):
    async def act():
        await desk.open()
        problem = Problem("store_gone", "The database does not answer", "orders", "Try again.")
        desk.workspace.impact_problem = problem
        question = await _asked(desk)
        words = question.impact_panel.words()
        question.reject()
        await desk.settle()
        return words

    assert "The database does not answer" in run_async(act())


def test_that_a_file_changed_on_disk_is_never_overwritten_and_the_edit_survives_a_reload(
    desk, run_async, file, qtbot
):
    theirs = file.read_text(encoding="utf-8").replace('"{STYLE}"', '"{STYLE} {SEASON}"')

    async def act():
        await desk.open()
        desk.select("CATEGORY")
        desk.choose("on_unknown_label", "create")
        await desk.settle()
        file.write_text(theirs, encoding="utf-8")
        desk.page.view.save_button.click()
        panel = desk.page.view.panel
        await desk.until(panel.isVisible)
        await desk.settle()
        assert "changed" in panel.words()
        assert file.read_text(encoding="utf-8") == theirs
        buttons = {button.text(): button for button in panel.findChildren(QAbstractButton)}
        with qtbot.waitSignal(desk.page.reload_requested):
            buttons["Reload"].click()
        desk.workspace = type(desk.workspace)(file)
        await desk.open()
        assert not panel.isVisible()

    run_async(act())
    draft = desk.page.draft
    assert draft.current.item_name == "{STYLE} {SEASON}"
    assert draft.current.items[1].on_unknown_label == "create"
    assert desk.page.has_unsaved_changes


def test_that_a_file_changed_by_an_editor_is_told_before_anyone_saves(desk, run_async, file):
    async def act():
        await desk.open()
        other = file.with_suffix(".new")
        other.write_text(f"{file.read_text(encoding='utf-8')}\n# theirs\n", encoding="utf-8")
        other.replace(file)
        await desk.until(desk.page.view.panel.isVisible)
        await desk.settle()
        return desk.page.view.panel.words()

    assert "changed on disk" in run_async(act())


def test_that_one_s_own_save_is_no_change_by_somebody_else(desk, run_async):
    async def act():
        await desk.open()
        (await _asked(desk)).confirm_button.click()
        await desk.settle()
        desk.page._saving.file._look("")
        await desk.settle()
        assert not desk.page.view.panel.isVisible()

    run_async(act())


def test_that_errors_of_before_do_not_stand_against_a_save_and_are_counted(desk, run_async, file):
    gone = '[[mappings.order_list.items]]\nsource = "STYLE"\ncolumn = "gone"\ntype = "text"\n\n'
    text = file.read_text(encoding="utf-8").replace("# A fixed", f"{gone}# A fixed")
    file.write_text(text, encoding="utf-8")

    async def act():
        desk.workspace = type(desk.workspace)(file)
        await desk.open()
        question = await _asked(desk)
        words = [label.text() for label in question.findChildren(QLabel)]
        question.refuse_button.click()
        await desk.settle()
        return words

    assert "1 error of before will still be there." in run_async(act())


def test_that_versions_are_listed_compared_and_brought_back_into_the_form(desk, run_async):
    async def act():
        await desk.open()
        (await _asked(desk)).confirm_button.click()
        await desk.settle()
        desk.page.view.versions_button.click()
        dialog = await desk.dialog(VersionsDialog)
        await desk.until(lambda: dialog.changes.rowCount() == 1)
        assert [row[0] for row in _rows(dialog.view)] == ["2", "1"]
        assert dialog._heading.text() == "From version 1 to version 2"
        assert _rows(dialog.changes_view) == [["Items: CATEGORY", "unknown labels: refuse → create"]]
        dialog.view.selectRow(0)
        assert dialog.restore_button.toolTip() == "This version is in use"
        dialog.view.selectRow(1)
        dialog.restore_button.click()
        await desk.until(lambda: desk.page.has_unsaved_changes)
        assert desk.page.undo_stack.undoText() == "restore version 1"
        await desk.settle()
        desk.page.view.save_button.click()
        question = await desk.dialog(SaveQuestion)
        await desk.until(question.confirm_button.isEnabled)
        question.confirm_button.click()
        await desk.settle()

    run_async(act())
    mapping, note = desk.workspace.saved[-1]
    assert mapping.items[1].on_unknown_label == "refuse"
    assert note == "version 1 restored"


def test_that_without_a_version_the_dialog_says_what_will_be_there(desk, run_async):
    async def act():
        await desk.open()
        desk.page.view.versions_button.click()
        dialog = await desk.dialog(VersionsDialog)
        await desk.settle()
        words = dialog._same.accessibleName()
        dialog.reject()
        return words, dialog.restore_button.isEnabled()

    assert run_async(act()) == ("No version yet", False)


def test_that_the_impact_names_the_board_columns_it_concerns(desk, run_async):
    async def act():
        await desk.open()
        mapping = desk.page.draft.current
        items = (mapping.items[0], mapping.items[1].model_copy(update={"default": "OTHER", "source": "X"}))
        return await desk.workspace.mapping_impact(mapping.model_copy(update={"items": items}))

    assert impact_details(run_async(act())) == "CATEGORY 1"


def test_that_reading_the_page_again_opens_a_file_that_was_changed_anew(desk, run_async, file, qtbot):
    async def act():
        await desk.open()
        with qtbot.assertNotEmitted(desk.page.reload_requested):
            await desk.page.reload()
            await desk.settle()
        file.write_text(f"{file.read_text(encoding='utf-8')}# theirs\n", encoding="utf-8")
        with qtbot.waitSignal(desk.page.reload_requested):
            await desk.page.reload()
        await desk.settle()

    run_async(act())


def test_that_a_file_that_is_gone_is_a_problem_and_nothing_else_breaks(desk, run_async, file, qtbot):
    async def act():
        await desk.open()
        file.unlink()
        with qtbot.waitSignal(desk.page.problem) as told:
            await desk.page.reload()
        await desk.settle()
        return told.args[0]

    assert str(file) in run_async(act()).subject
