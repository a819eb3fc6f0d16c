"""Each saved mapping is a version that runs name, that can be compared and restored."""

import pytest

from core.errors import ConfigurationError
from core.orders.model import Selection
from core.sync.control import RunControl

CUSTOMER = "ATELIER ÉTOILE"
SMALL = Selection((CUSTOMER,), limit=1)


def with_item_name(mapping, template: str):
    return mapping.model_copy(update={"item_name": template})


async def numbers(workspace) -> list[tuple[int, str, bool]]:
    return [(each.number, each.note, each.current) for each in await workspace.mapping_versions()]


async def test_a_save_keeps_what_was_and_what_is(workspace, mapping):
    assert await workspace.mapping_versions() == []
    await workspace.save_mapping(with_item_name(mapping, "{AAG ORDER NUMBER}"), note="shorter")
    assert await numbers(workspace) == [(2, "shorter", True), (1, "as it was before a change", False)]
    assert await workspace.mapping_of_version(1) == mapping
    assert await workspace.mapping_of_version(2) == workspace.profile.mapping_set
    newest = (await workspace.mapping_versions())[0]
    assert str(newest) == "mapping order_list version 2"
    assert newest.saved_at.utcoffset().total_seconds() == 0


async def test_a_run_names_the_version_and_keeps_it_first_when_it_is_new(workspace, push):
    report = await push(SMALL)
    assert (report.mapping, report.mapping_version) == ("order_list", 1)
    assert report.mapping_label == "mapping order_list version 1"
    assert await numbers(workspace) == [(1, "found at the start of a run", True)]
    assert (await workspace.recent_reports())[0].mapping_version == 1
    again = await push(SMALL)
    assert again.mapping_version == 1


async def test_the_run_s_row_names_the_version_too(desk, workspace, mapping, push):
    await workspace.save_mapping(with_item_name(mapping, "{AAG ORDER NUMBER}"))
    await push(SMALL)
    rows = desk.rows("SELECT mapping_version FROM deltadesk_run")
    assert [row["mapping_version"] for row in rows] == [2]


async def test_a_mapping_edited_by_hand_is_a_new_version_at_the_next_run(desk, workspace, push):
    await push(SMALL)
    text = desk.configuration_file.read_text(encoding="utf-8")
    text = text.replace('subitem_name = "{size_code}"', 'subitem_name = "Size {size_code}"')
    desk.configuration_file.write_text(text, encoding="utf-8")
    async with desk.opened() as later:
        plan = await later.plan(SMALL)
        report = await later.run(plan, RunControl(), lambda _event: None)
        assert report.mapping_version == 2
        assert await later.compare_mapping_versions(1, 2) == (
            "subitem_name: '{size_code}' -> 'Size {size_code}'",
        )


async def test_a_plan_that_was_made_before_a_save_names_its_own_version(workspace, mapping):
    plan = await workspace.plan(SMALL)
    await workspace.save_mapping(with_item_name(mapping, "{AAG ORDER NUMBER}"))
    report = await workspace.run(plan, RunControl(), lambda _event: None, dry_run=True)
    assert report.mapping_version == 1


async def test_a_restored_version_is_written_to_the_file_and_becomes_the_newest(desk, workspace, mapping):
    before = desk.configuration_file.read_text(encoding="utf-8")
    await workspace.save_mapping(with_item_name(mapping, "{AAG ORDER NUMBER}"))
    await workspace.restore_mapping_version(1)
    assert desk.configuration_file.read_text(encoding="utf-8") == before
    assert await numbers(workspace) == [
        (3, "version 1 restored", True),
        (2, "", False),
        (1, "as it was before a change", False),
    ]
    assert workspace.profile.mapping_set == mapping


async def test_a_version_that_is_in_force_is_not_restored(workspace, mapping):
    await workspace.save_mapping(with_item_name(mapping, "{AAG ORDER NUMBER}"))
    with pytest.raises(ConfigurationError, match="is what version 2 has"):
        await workspace.restore_mapping_version(2)


async def test_a_number_that_there_is_not_is_told_with_those_there_are(workspace, push):
    with pytest.raises(ConfigurationError, match="No version was saved yet"):
        await workspace.mapping_of_version(1)
    await push(SMALL)
    with pytest.raises(ConfigurationError, match="There are the versions 1 to 1"):
        await workspace.mapping_of_version(7)


async def test_a_version_s_text_has_the_comments_of_the_file(workspace, push):
    await push(SMALL)
    text = await workspace.mapping_version_text(1)
    assert "# Key column" in text
    assert "[[mappings.order_list.subitems]]" in text
    with pytest.raises(ConfigurationError, match="no version 2"):
        await workspace.mapping_version_text(2)


async def test_a_version_that_this_program_cannot_read_says_so(desk, workspace, push):
    await push(SMALL)
    desk.rows("UPDATE deltadesk_mapping_version SET content = '{\"group_name\": 1}'")
    with pytest.raises(ConfigurationError, match="cannot read version 1"):
        await workspace.mapping_of_version(1)
    assert "[mappings.order_list]" in await workspace.mapping_version_text(1)


async def test_a_save_succeeds_where_the_version_cannot_be_kept(desk, workspace, mapping):
    desk.rows("DROP TABLE deltadesk_mapping_version")
    await workspace.save_mapping(with_item_name(mapping, "{AAG ORDER NUMBER}"))
    assert workspace.profile.mapping_set.item_name == "{AAG ORDER NUMBER}"
