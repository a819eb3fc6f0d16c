"""The configuration file, read and checked: every fault at once, with line, key and what was expected."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_data_path
from pydantic import ValidationError

from core.config.faults import DERIVED, explain, faults_of_rules, found_words, known_keys, unknown_key
from core.config.model import ColumnMapping, Configuration, MappingSet, Profile
from core.config.positions import KeyPath, key_lines, line_of
from core.errors import ConfigurationError, Problem
from core.redaction import remember_passwords

FILE_NAME = "sync_order_list.toml"
_NESTED = ("prepare", "columns", "state_words", "limits", "column_ids")


def data_folder() -> Path:
    """Where the application keeps its files: `DELTADESK_HOME`, or the system's folder for such data."""
    home = os.environ.get("DELTADESK_HOME")
    return Path(home) if home else user_data_path("DeltaDesk", appauthor=False)


def find_configuration(explicit: Path | None = None) -> Path:
    """The file to read: the given one, `DELTADESK_CONFIG`, `configs/` in this folder, the user's.

    Raises ConfigurationError when none of them exists.
    """
    if explicit is not None:
        return explicit
    if named := os.environ.get("DELTADESK_CONFIG"):
        return Path(named)
    candidates = (Path("configs") / FILE_NAME, user_config_path("DeltaDesk", appauthor=False) / FILE_NAME)
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ConfigurationError(
        Problem(
            "configuration_missing",
            "There is no configuration file",
            f"looked for {' and '.join(str(candidate) for candidate in candidates)}",
            "Name one with --config, or copy configs/sync_order_list.toml of the application there.",
        )
    )


def read_text(path: Path) -> str:
    """The file's text, line ends untouched. Raises ConfigurationError when it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        reason, remedy = "does not exist", "Check the path after --config, or leave --config out."
    except IsADirectoryError:
        reason, remedy = "is a folder", "Name the file inside it."
    except PermissionError:
        reason, remedy = "may not be read", "Ask for read permission on the file."
    except UnicodeDecodeError as error:
        reason, remedy = f"is not UTF-8 text (byte {error.start})", "Save the file as UTF-8."
    except OSError as error:
        reason, remedy = f"cannot be read: {error.strerror}", "Check the path and the disk it is on."
    raise ConfigurationError(
        Problem("configuration_unreadable", f"The configuration {reason}", str(path), remedy)
    )


def load_configuration(path: Path) -> Configuration:
    """Read and check the file. Raises ConfigurationError with every fault found."""
    return parse_configuration(read_text(path), path)


def parse_configuration(text: str, path: Path) -> Configuration:
    """Check the text of the file at `path`. Raises ConfigurationError with every fault found."""
    document = _parse(path, text)
    faults = _Faults(path, key_lines(text))
    profiles = _profiles(document, faults)
    default = document.get("default_profile")
    named = document.get("profiles")
    if isinstance(named, Mapping) and (not isinstance(default, str) or default not in named):
        faults.add(
            ("default_profile",), f"expected one of the profiles {', '.join(named)}{found_words(default)}"
        )
    for key in document:
        if key not in {"default_profile", "profiles", "mappings"}:
            faults.add((key,), unknown_key(key, ("default_profile", "profiles", "mappings")))
    if faults.problems:
        raise ConfigurationError(*faults.problems)
    return Configuration(path=str(path), default_profile=str(default), profiles=profiles)


def profile_of(configuration: Configuration, name: str | None) -> Profile:
    """The named profile, or the default one. Raises ConfigurationError for an unknown name."""
    wanted = name or configuration.default_profile
    if wanted in configuration.profiles:
        return configuration.profiles[wanted]
    near = difflib.get_close_matches(wanted, configuration.profiles, n=1)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    raise ConfigurationError(
        Problem(
            "unknown_profile",
            f"There is no profile '{wanted}'",
            configuration.path,
            f"{hint}The file has: {', '.join(configuration.profiles)}.",
        )
    )


def expand(text: str) -> str:
    """Fill `{data}` in an address of the configuration with the data folder."""
    return text.replace("{data}", data_folder().as_posix())


class _Faults:
    """Collects the faults of one file, in the order of its lines."""

    def __init__(self, path: Path, lines: dict[KeyPath, int]) -> None:
        self._path = path
        self._lines = lines
        self._found: list[tuple[int, Problem]] = []

    def add(self, key: KeyPath, what: str) -> None:
        line = line_of(self._lines, key)
        dotted = ".".join(str(part) for part in key)
        where = f"{self._path}, line {line}" if line else str(self._path)
        problem = Problem(
            "configuration_invalid",
            f"{dotted}: {what}",
            where,
            "Correct this line, then start again.",
        )
        # What several profiles inherit is told once.
        if (line or 0, problem) not in self._found:
            self._found.append((line or 0, problem))

    @property
    def folder(self) -> Path:
        """The file's folder, in which relative paths of the file begin."""
        return self._path.parent

    @property
    def problems(self) -> list[Problem]:
        return [problem for _, problem in sorted(self._found, key=lambda fault: fault[0])]


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and what the number types refuse
        what = str(error)
    except RecursionError:
        what = "arrays or tables are nested too deeply"
    told = re.search(r" \(at line (\d+), column \d+\)$", what)
    line = int(told[1]) if told else text.count("\n") + 1
    what = what[: told.start()] if told else what
    raise ConfigurationError(
        Problem(
            "configuration_malformed",
            f"The file is not valid TOML: {what}",
            f"{path}, line {line}",
            "Correct this line, then start again.",
        )
    )


def _table(value: Any, path: KeyPath, faults: _Faults) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    faults.add(path, f"expected a table, found {type(value).__name__}")
    return {}


def _profiles(document: Mapping[str, Any], faults: _Faults) -> dict[str, Profile]:
    raw_profiles = _table(document.get("profiles", {}), ("profiles",), faults)
    raw_mappings = _table(document.get("mappings", {}), ("mappings",), faults)
    if not raw_profiles:
        faults.add(("profiles",), "expected at least one table [profiles.<name>]")
    mappings = {
        name: mapping
        for name, raw in raw_mappings.items()
        if (mapping := _mapping(name, _table(raw, ("mappings", name), faults), faults))
    }
    tables = {name: _table(raw, ("profiles", name), faults) for name, raw in raw_profiles.items()}
    profiles = {}
    for name, raw in raw_profiles.items():
        chain = _chain(name, tables, faults) if isinstance(raw, Mapping) else None
        if chain is None:
            continue
        profile = _profile(chain, tables, raw_mappings, mappings, faults)
        if profile is not None:
            profiles[name] = profile
    return profiles


def _mapping(name: str, raw: Mapping[str, Any], faults: _Faults) -> MappingSet | None:
    try:
        mapping = MappingSet.model_validate(raw)
    except ValidationError as error:
        for path, what in explain(error, MappingSet):
            faults.add(("mappings", name, *path), what)
        return None
    for path, what in faults_of_rules(name, mapping):
        faults.add(("mappings", name, *path), what)
    return mapping


def _chain(name: str, tables: Mapping[str, Mapping[str, Any]], faults: _Faults) -> list[str] | None:
    """The profile's own name, then those it inherits from; None where that leads nowhere."""
    chain: list[str] = []
    current: Any = name
    while current is not None:
        if current in chain:
            if current == name:  # each member of a circle tells it of itself
                circle = " -> ".join([*chain, name])
                faults.add(("profiles", name, "inherits"), f"inherits from itself: {circle}")
            return None
        if not isinstance(current, str) or current not in tables:
            key = ("profiles", chain[-1], "inherits")
            faults.add(key, f"expected the name of another profile{found_words(current)}")
            return None
        chain.append(current)
        current = tables[current].get("inherits")
    return chain


def _merged(chain: Sequence[str], tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The profile's own keys over those of the profiles it inherits from."""
    merged: dict[str, Any] = {}
    for ancestor in reversed(chain):
        for key, value in tables[ancestor].items():
            below = merged.get(key, {})
            if key in _NESTED and isinstance(value, Mapping) and isinstance(below, Mapping):
                merged[key] = {**below, **value}
            elif key != "inherits":
                merged[key] = value
    if "title" not in tables[chain[0]]:
        merged.pop("title", None)  # two profiles with one name on their badges would be a trap
    return merged


def _place(key: KeyPath, chain: Sequence[str], tables: Mapping[str, Mapping[str, Any]]) -> KeyPath:
    """Where in the file a key of a profile stands: in its own table, or in one that it inherits from."""
    nested = key[0] in _NESTED and len(key) > 1
    for name in chain:
        value = tables[name].get(str(key[0]))
        if key[0] in tables[name] and (not nested or (isinstance(value, Mapping) and key[1] in value)):
            return ("profiles", name, *key)
    return ("profiles", chain[-1], *key)


def _profile(
    chain: Sequence[str],
    tables: Mapping[str, Mapping[str, Any]],
    raw_mappings: Mapping[str, Any],
    mappings: Mapping[str, MappingSet],
    faults: _Faults,
) -> Profile | None:
    merged = _merged(chain, tables)
    for key in DERIVED:
        if merged.pop(key, None) is not None:
            faults.add(_place((key,), chain, tables), unknown_key(key, known_keys((key,), Profile)))
    wanted = merged.get("mapping")
    if isinstance(wanted, str):
        if wanted not in raw_mappings:
            place = _place(("mapping",), chain, tables)
            faults.add(place, f"expected a table [mappings.{wanted}], there is none")
        ids = merged.get("column_ids", {})
        if isinstance(ids, Mapping) and wanted in mappings:
            merged["mapping_set"] = with_column_ids(
                mappings[wanted], {name: str(on_board) for name, on_board in ids.items()}
            )
    try:
        profile = Profile.model_validate({**merged, "name": chain[0]})
    except ValidationError as error:
        for path, what in explain(error, Profile):
            if path[:1] != ("mapping_set",):  # its faults are told already
                faults.add(_place(path, chain, tables), what)
        return None
    if profile.limits.beyond_subitem_limit == "continue" and not profile.mapping_set.item_key_column:
        faults.add(
            _place(("limits", "beyond_subitem_limit"), chain, tables),
            f"expected 'refuse', or an item_key_column in [mappings.{profile.mapping}]: without the key of "
            "each item nobody could find an order's further items again, found 'continue'",
        )
    return _settled(profile, faults.folder)


def _settled(profile: Profile, folder: Path) -> Profile:
    """The profile with its file's path whole. The passwords in its addresses are masked from now on."""
    for address in (profile.database_url, profile.api_url, profile.proxy or ""):
        remember_passwords(address)
    if profile.ca_file is None:
        return profile
    return profile.model_copy(update={"ca_file": str(folder / Path(profile.ca_file).expanduser())})


def with_column_ids(mapping: MappingSet, ids: Mapping[str, str]) -> MappingSet:
    """The mapping set with its column ids replaced by those of another board."""
    if not ids:
        return mapping

    def renamed(rules: tuple[ColumnMapping, ...]) -> tuple[ColumnMapping, ...]:
        return tuple(rule.model_copy(update={"column": ids.get(rule.column, rule.column)}) for rule in rules)

    def key(column: str | None) -> str | None:
        return None if column is None else ids.get(column, column)

    return mapping.model_copy(
        update={
            "items": renamed(mapping.items),
            "subitems": renamed(mapping.subitems),
            "item_key_column": key(mapping.item_key_column),
            "subitem_key_column": key(mapping.subitem_key_column),
        }
    )
