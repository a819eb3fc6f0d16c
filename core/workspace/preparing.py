"""A profile's preparation: its names put together for `core.prepare`."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from core.config.model import Prepare, Profile
from core.errors import ConfigurationError, Problem
from core.prepare.import_file import import_order_list
from core.prepare.import_summary import ImportSummary
from core.prepare.pipeline import Preparation
from core.prepare.settings import PrepareSettings
from core.prepare.summary import PrepareSummary


def prepare_of(profile: Profile) -> Prepare:
    """The profile's [prepare] table. Raises ConfigurationError when it has none."""
    if profile.prepare is None:
        raise ConfigurationError(
            Problem(
                "not_prepared_here",
                "This profile's delta tables are not prepared by DeltaDesk",
                f"profile {profile.name}",
                f"Add a table [profiles.{profile.name}.prepare] that names the staging table.",
            )
        )
    return profile.prepare


def settings_of(profile: Profile) -> PrepareSettings:
    """What a preparation needs to know. Raises ConfigurationError when the profile says nothing of it."""
    names = prepare_of(profile)
    return PrepareSettings(
        staging_table=names.staging_table,
        headers_table=profile.headers_table,
        lines_table=profile.lines_table,
        customer_column=profile.customer_column,
        columns=profile.columns,
        key_columns=names.key_columns,
        sizes_after=names.sizes_after,
        sizes_before=names.sizes_before,
        size_columns=names.size_columns,
        hash_columns=names.hash_columns,
    )


def prepare(engine: sa.Engine, profile: Profile, folder: Path, *, dry_run: bool) -> PrepareSummary:
    """Prepare the profile's delta tables; `folder` is where the configuration lies. Synchronous.

    Raises ConfigurationError and StoreError, with nothing changed.
    """
    names = prepare_of(profile)
    words = profile.state_words
    stored = {"NEW": words.NEW, "PENDING": words.PENDING, "HELD": words.HELD}
    customer_names = folder / names.customer_names if names.customer_names else None
    preparation = Preparation(engine, settings_of(profile), stored)
    return preparation.run(dry_run=dry_run, customer_names=customer_names)


async def import_orders(
    engine: sa.Engine,
    profile: Profile,
    path: Path,
    *,
    append: bool,
    progress: Callable[[int], None] | None,
) -> ImportSummary:
    """Load an order list from a file into the profile's staging table, in a worker thread.

    `progress` gets the number of rows read, on the event loop. A cancelled import takes everything back and
    ends only then. Raises ConfigurationError and StoreError, with nothing changed.
    """
    names = prepare_of(profile)
    loop = asyncio.get_running_loop()
    stopping = threading.Event()

    def tell(rows: int) -> None:
        if stopping.is_set():
            raise _Stopped
        if progress is not None:
            loop.call_soon_threadsafe(progress, rows)

    work = asyncio.ensure_future(
        asyncio.to_thread(
            import_order_list,
            engine,
            names.staging_table,
            path,
            replace=not append,
            key_columns=names.key_columns,
            progress=tell,
        )
    )
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stopping.set()
        # Whatever comes of it: whoever cancelled wants to know that the database is left alone from now on.
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()
        raise


class _Stopped(Exception):  # noqa: N818  not an error: it takes the transaction back
    pass
