"""The API's versions and what a version header leads to (docs/api-versioning)."""

import re

CURRENT_VERSION = "2026-10"
VERSIONS = {
    "2025-04": "old_previous_maintenance",
    "2025-07": "old_previous_maintenance",
    "2025-10": "old_previous_maintenance",
    "2026-01": "old__maintenance",
    "2026-04": "previous_maintenance",
    "2026-07": "maintenance",
    CURRENT_VERSION: "current",
    "2027-01": "release_candidate",
    "dev": "dev",
}
ADDED_IN = {"ingest_items": "2026-07", "fetch_job_status": "2026-07"}  # root fields younger than VERSIONS
WELL_FORMED = re.compile(r"\d{4}-\d{2}|dev")
KIND_NAMES = {"release_candidate": "Release Candidate"}


def served_version(requested: str | None) -> str | None:
    """Return the version that answers a header, the current for one that never was; None: malformed."""
    if not requested:
        return CURRENT_VERSION
    if not WELL_FORMED.fullmatch(requested):
        return None
    return requested if requested in VERSIONS else CURRENT_VERSION


def added_later(root_field: str, version: str) -> bool:
    """Return whether a root field is younger than the version that serves a request."""
    return version != "dev" and version < ADDED_IN.get(root_field, "")


def describe_version(value: str) -> dict[str, str]:
    """Return a version as `version { ... }` shows it."""
    kind = VERSIONS[value]
    return {
        "kind": kind,
        "value": value,
        "display_name": KIND_NAMES.get(kind, " ".join(kind.split("_")).title()),
    }
