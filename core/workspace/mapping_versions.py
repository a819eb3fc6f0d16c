"""The saved versions of the open profile's mapping. Synchronous: call from a worker thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.config.mapping_text import mapping_from_json, mapping_hash, mapping_json, rules_text
from core.config.model import MappingSet, Profile
from core.errors import ConfigurationError, Problem
from core.orders.mapping_versions import MappingVersions, VersionContent
from core.orders.store import OrderStore
from core.workspace.stores import worker_name


@dataclass(frozen=True, slots=True)
class MappingVersion:
    """One saved version of a mapping set."""

    mapping: str
    """The mapping set's name."""
    number: int
    hash: str
    saved_at: datetime
    """Aware, UTC."""
    worker: str
    """Machine and process that saved it."""
    note: str
    current: bool
    """Whether it is what the configuration file says now."""

    def __str__(self) -> str:
        """As runs and reports name it."""
        return f"mapping {self.mapping} version {self.number}"


def versions_of(store: OrderStore, profile: Profile) -> MappingVersions:
    """Where the versions of a profile's mapping set are kept."""
    return MappingVersions(store.engine, profile.name, profile.mapping, worker_name())


def list_versions(store: OrderStore, profile: Profile) -> Sequence[MappingVersion]:
    """Every version, newest first."""
    rows = versions_of(store, profile).all()
    present = mapping_hash(profile.mapping_set)
    current = next((row.number for row in rows if row.hash == present), None)
    return [
        MappingVersion(
            profile.mapping,
            row.number,
            row.hash,
            row.saved_at,
            row.worker,
            row.note,
            row.number == current,
        )
        for row in rows
    ]


def record_version(
    store: OrderStore, profile: Profile, text: str, at: datetime, *, note: str = "", again: bool = False
) -> int:
    """Keep the profile's mapping, `text` being the configuration file's, and return its version number."""
    mapping = profile.mapping_set
    content = VersionContent(mapping_hash(mapping), mapping_json(mapping), rules_text(text, profile.mapping))
    return versions_of(store, profile).record(content, at, note=note, again=again)


def version_content(store: OrderStore, profile: Profile, number: int) -> tuple[MappingSet, str]:
    """A version's mapping set, and its rules as the file had them.

    Raises ConfigurationError for a number that there is not, or a content that this program cannot read.
    """
    kept = versions_of(store, profile)
    found = kept.content(number)
    if found is None:
        numbers = [row.number for row in kept.all()]
        there = f"There are the versions 1 to {numbers[0]}." if numbers else "No version was saved yet."
        raise ConfigurationError(
            Problem(
                "mapping_version_missing",
                f"There is no version {number} of the mapping {profile.mapping}",
                f"profile {profile.name}",
                f"{there} deltadesk mapping versions lists them.",
            )
        )
    try:
        return mapping_from_json(found.content), found.rules_text
    except ValueError as error:
        raise ConfigurationError(
            Problem(
                "mapping_version_unreadable",
                f"This program cannot read version {number} of the mapping {profile.mapping}",
                f"profile {profile.name}",
                "Its rules were saved by another version of DeltaDesk: "
                f"deltadesk mapping show {number} prints them, to be copied by hand.",
            )
        ) from error
