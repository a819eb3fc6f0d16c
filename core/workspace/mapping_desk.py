"""What can be done with the mapping of an open profile; a part of `Workspace`."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from core.config.edit import save_mapping
from core.config.load import load_configuration, profile_of
from core.config.mapping_text import mapping_hash
from core.config.model import Configuration, MappingSet, Profile
from core.errors import BoardError, ConfigurationError, Problem, StoreError
from core.monday.board import BoardSchema
from core.monday.client import MondayClient
from core.monday.validations import VALIDATIONS_QUERY, required_column_ids
from core.orders.journal import Journal
from core.orders.model import Selection, SyncState
from core.orders.store import OrderStore
from core.sync.planner import PlanOptions
from core.sync.ports import Clock, MappingName
from core.workspace.check_columns import RequiredColumns
from core.workspace.check_sources import check_column_ids, check_sources
from core.workspace.data_check import DataCheck, DataTally
from core.workspace.impact import Impact, ImpactTally
from core.workspace.mapping import MappingFinding, MappingPreview, check_mapping, preview_mapping
from core.workspace.mapping_changes import mapping_changes
from core.workspace.mapping_versions import (
    MappingVersion,
    list_versions,
    record_version,
    version_content,
    versions_of,
)
from core.workspace.places import Places
from core.workspace.portions import Progress, each_portion
from core.workspace.stores import lenient_store, store_for, worker_name

PENDING = Selection()


class MappingDesk:
    """The mapping of an open profile: checked, previewed, saved, and its versions."""

    configuration: Configuration
    profile: Profile
    clock: Clock
    _store: OrderStore
    _client: MondayClient
    _journal: Journal
    _text: str
    """The configuration file as it was read."""
    _required: RequiredColumns | None = None

    async def board(self, *, refresh: bool = False) -> BoardSchema:
        """The board's structure, read once and kept. Raises BoardError."""
        raise NotImplementedError

    # Preview and checks

    async def preview_mapping(self, mapping: MappingSet, order_key: str | None = None) -> MappingPreview:
        """What each rule makes of one order; without a key, of the oldest pending one."""
        schema = await self.board()
        selection = Selection(
            order_keys=(order_key,) if order_key else None, limit=1, states=tuple(SyncState)
        )
        store = await asyncio.to_thread(lenient_store, self.profile, self._store, mapping)
        loaded = await asyncio.to_thread(store.load, selection)
        if not loaded.orders:
            return MappingPreview("", (), ())
        return await asyncio.to_thread(preview_mapping, mapping, schema, loaded.orders[0])

    async def check_mapping(self, mapping: MappingSet) -> tuple[MappingFinding, ...]:
        """A mapping set against the live board; `check_sources` looks at the tables. Raises BoardError."""
        schema = await self.board()
        required = await self._required_columns(schema)
        return await asyncio.to_thread(check_mapping, mapping, schema, required)

    async def check_configuration(self) -> tuple[MappingFinding, ...]:
        """The profile's own mapping against tables and board, each finding with its line in the file.

        Raises BoardError.
        """
        profile, tables, text = self.profile, self._store.tables, self._text
        on_board = await self.check_mapping(profile.mapping_set)

        def located() -> tuple[MappingFinding, ...]:
            places = Places(text, self.configuration.path, profile)
            return places.located(
                (
                    *check_sources(profile.mapping_set, tables.header_columns, tables.line_columns),
                    *check_column_ids(profile, places.column_ids_of_set()),
                    *on_board,
                )
            )

        return await asyncio.to_thread(located)

    async def check_data(self, selection: Selection = PENDING, progress: Progress | None = None) -> DataCheck:
        """Every value of the selected orders that the board would refuse; nothing is sent or written.

        Reads portion by portion in worker threads; may be cancelled. Raises BoardError or StoreError.
        """
        schema = await self.board(refresh=True)
        tally = DataTally(schema, PlanOptions.of(self.profile))
        await each_portion(self._store, selection, tally.add, progress)
        return tally.result()

    async def mapping_impact(
        self, new_mapping: MappingSet, progress: Progress | None = None, selection: Selection = PENDING
    ) -> Impact:
        """What another mapping would change about the pending orders; nothing is saved.

        Reads portion by portion in worker threads; may be cancelled. Raises BoardError or StoreError.
        """
        schema, present = await self.board(), self.profile.mapping_set
        store = await asyncio.to_thread(lenient_store, self.profile, self._store, present, new_mapping)
        limits = self.profile.limits
        tally = ImpactTally(
            present,
            new_mapping,
            schema,
            subitem_limit=limits.subitem_limit,
            beyond_subitem_limit=limits.beyond_subitem_limit,
        )
        await each_portion(store, selection, tally.add, progress)
        return tally.result()

    async def _required_columns(self, schema: BoardSchema) -> RequiredColumns:
        """Asked once for each reading of the board; where the API does not tell, nothing is required."""
        if self._required is None:
            boards = (schema.items, schema.subitems)
            found = [await self._required_ids(board.id) if board else frozenset() for board in boards]
            self._required = RequiredColumns(*found)
        return self._required

    async def _required_ids(self, board_id: str) -> frozenset[str]:
        try:
            return required_column_ids(await self._client.query(VALIDATIONS_QUERY, {"id": board_id}))
        except BoardError as error:
            # Accounts without the feature may refuse the question; every other check still holds.
            structlog.get_logger().warning("RequiredColumnsNotTold", problem=str(error.problem))
            return frozenset()

    # Saving and versions

    async def save_mapping(self, mapping: MappingSet, note: str = "") -> None:
        """Write the mapping set into the configuration file, use it from now on, and keep it as a version.

        What is replaced is kept too, if it was edited by hand and never ran. Raises ConfigurationError, the
        file untouched, when it was changed on disk or would not be valid.
        """
        await self._keep_version("as it was before a change")
        path = Path(self.configuration.path)
        store = await asyncio.to_thread(store_for, self.profile, self._store.engine, mapping)
        self._text = await asyncio.to_thread(
            lambda: save_mapping(self.profile, mapping, path=path, loaded_text=self._text)
        )
        self.configuration = await asyncio.to_thread(load_configuration, path)
        self.profile = profile_of(self.configuration, self.profile.name)
        self._store = store
        self._journal = Journal(store, worker_name())
        await self._keep_version(note, again=True)

    async def mapping_versions(self) -> Sequence[MappingVersion]:
        """Every saved version of the profile's mapping set, newest first. Raises StoreError."""
        return await asyncio.to_thread(list_versions, self._store, self.profile)

    async def mapping_of_version(self, number: int) -> MappingSet:
        """The mapping set of a version. Raises ConfigurationError when there is none of this number."""
        return (await asyncio.to_thread(version_content, self._store, self.profile, number))[0]

    async def mapping_version_text(self, number: int) -> str:
        """A version's rules as the configuration file had them. Raises ConfigurationError."""
        kept = await asyncio.to_thread(versions_of(self._store, self.profile).content, number)
        if kept is None:
            await self.mapping_of_version(number)  # says which numbers there are
        return kept.rules_text if kept else ""

    async def compare_mapping_versions(self, before: int, after: int) -> Sequence[str]:
        """What differs between two versions, in words. Raises ConfigurationError for an unknown number."""
        old, new = await self.mapping_of_version(before), await self.mapping_of_version(after)
        return await asyncio.to_thread(mapping_changes, old, new)

    async def restore_mapping_version(self, number: int) -> None:
        """Write a version's mapping into the configuration file; it becomes the newest version.

        Raises ConfigurationError, the file untouched, as `save_mapping` does.
        """
        mapping = await self.mapping_of_version(number)
        if mapping == self.profile.mapping_set:
            raise ConfigurationError(
                Problem(
                    "mapping_version_current",
                    f"The mapping {self.profile.mapping} is what version {number} has",
                    f"profile {self.profile.name}",
                    "There is nothing to restore.",
                )
            )
        await self.save_mapping(mapping, note=f"version {number} restored")

    async def _keep_version(self, note: str, *, again: bool = False) -> None:
        """Keep the mapping where that is possible: a file is saved without it too."""
        try:
            await self._record_version(note, again=again)
        except StoreError as error:
            # The next run keeps it before it sends anything.
            structlog.get_logger().warning("MappingVersionNotKept", problem=str(error.problem))

    async def _record_version(self, note: str = "", *, again: bool = False) -> int:
        return await asyncio.to_thread(
            record_version, self._store, self.profile, self._text, self.clock.now(), note=note, again=again
        )

    async def _mapping_name(self, plan_hash: str) -> MappingName:
        """Which version a plan was made with; the profile's mapping is kept now if it was edited by hand."""
        number = await asyncio.to_thread(versions_of(self._store, self.profile).number_of, plan_hash)
        if number is None and mapping_hash(self.profile.mapping_set) == plan_hash:
            number = await self._record_version("found at the start of a run")
        return MappingName(self.profile.mapping, number)
