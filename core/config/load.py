"""The configuration file, read and fully checked: every fault at once, with file, line, key and what was expected."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit
import tomlkit.exceptions
from platformdirs import user_config_path, user_data_path
from pydantic import ValidationError

from core.config.model import ColumnMapping, Configuration, MappingSet, Profile
from core.config.positions import KeyPath, key_lines, line_of
from core.errors import ConfigurationError, Problem

FILE_NAME = "sync_order_list.toml"
_NESTED = ("columns", "state_words", "limits", "column_ids")


def data_folder() -> Path:
    """Where the application keeps what it makes: `DELTADESK_HOME`, or the system's folder for application data."""
    home = os.environ.get("DELTADESK_HOME")
    return Path(home) if home else user_data_path("DeltaDesk", appauthor=False)


def find_configuration(explicit: Path | None = None) -> Path:
    """The file to read: the given one, `DELTADESK_CONFIG`, `configs/` in this folder, or the user's own.

    Raises ConfigurationError when none of them exists.
    """
    named = explicit or (Path(os.environ["DELTADESK_CONFIG"]) if "DELTADESK_CONFIG" in os.environ else None)
    if named is not None:
        return named
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
    raise ConfigurationError(
        Problem("configuration_unreadable", f"The configuration {reason}", str(path), remedy)
    )


def load_configuration(path: Path) -> Configuration:
    """Read and check the file. Raises ConfigurationError with every fault found."""
    text = read_text(path)
    document = _parse(path, text)
    lines = key_lines(text)
    faults = _Faults(path, lines)
    profiles = _profiles(document, faults)
    default = document.get("default_profile", "")
    if not faults.problems and default not in profiles:
        faults.add(("default_profile",), f"expected one of the profiles {', '.join(sorted(profiles))}")
    for key in document:
        if key not in {"default_profile", "profiles", "mappings"}:
            faults.add((key,), _unknown_key(key, ("default_profile", "profiles", "mappings")))
    if faults.problems:
        raise ConfigurationError(*faults.problems)
    return Configuration(path=str(path), default_profile=default, profiles=profiles)


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
        self._found.append((line or 0, problem))

    @property
    def problems(self) -> list[Problem]:
        return [problem for _, problem in sorted(self._found, key=lambda fault: fault[0])]


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomlkit.parse(text).unwrap()
    except tomlkit.exceptions.ParseError as error:
        what, line = str(error), getattr(error, "line", None)
    except tomlkit.exceptions.TOMLKitError as error:
        what, line = str(error), None
    if line is None:
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            what = str(error)
    where = f"{path}, line {line}" if line else str(path)
    raise ConfigurationError(
        Problem("configuration_malformed", f"The file is not valid TOML: {what}", where, "Correct the line.")
    )


def _unknown_key(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return (
        f"unknown key; did you mean '{near[0]}'?"
        if near
        else f"unknown key; expected one of {', '.join(known)}"
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
    profiles = {}
    for name in raw_profiles:
        profile = _profile(name, raw_profiles, raw_mappings, mappings, faults)
        if profile is not None:
            profiles[name] = profile
    return profiles


def _mapping(name: str, raw: Mapping[str, Any], faults: _Faults) -> MappingSet | None:
    try:
        return MappingSet.model_validate(raw)
    except ValidationError as error:
        for path, what in _explain(error, MappingSet):
            faults.add(("mappings", name, *path), what)
        return None


def _inherited(name: str, raw_profiles: Mapping[str, Any], faults: _Faults) -> dict[str, Any] | None:
    """The profile's own keys over those of the profile it inherits from."""
    chain: list[str] = []
    current: str | None = name
    while current is not None:
        if current in chain:
            faults.add(
                ("profiles", name, "inherits"), f"inherits from itself: {' -> '.join([*chain, current])}"
            )
            return None
        if current not in raw_profiles:
            faults.add(("profiles", chain[-1], "inherits"), f"expected a profile, there is no '{current}'")
            return None
        chain.append(current)
        current = _table(raw_profiles[current], ("profiles", current), faults).get("inherits")
    merged: dict[str, Any] = {}
    for ancestor in reversed(chain):
        for key, value in raw_profiles[ancestor].items():
            if key in _NESTED and isinstance(value, Mapping):
                merged[key] = {**merged.get(key, {}), **value}
            elif key != "inherits":
                merged[key] = value
    if len(chain) > 1 and "title" not in raw_profiles[name]:
        merged.pop("title", None)
    return merged


def _profile(
    name: str,
    raw_profiles: Mapping[str, Any],
    raw_mappings: Mapping[str, Any],
    mappings: Mapping[str, MappingSet],
    faults: _Faults,
) -> Profile | None:
    merged = _inherited(name, raw_profiles, faults)
    if merged is None:
        return None
    wanted = merged.get("mapping")
    if isinstance(wanted, str) and wanted not in raw_mappings:
        faults.add(("profiles", name, "mapping"), f"expected a table [mappings.{wanted}], there is none")
        return None
    mapping = mappings.get(wanted) if isinstance(wanted, str) else None
    if mapping is None and isinstance(wanted, str):
        return None  # the mapping's own faults are told already
    ids = merged.get("column_ids", {})
    if mapping is not None and isinstance(ids, Mapping):
        merged["mapping_set"] = with_column_ids(mapping, {str(k): str(v) for k, v in ids.items()})
    try:
        return Profile.model_validate({**merged, "name": name})
    except ValidationError as error:
        for path, what in _explain(error, Profile):
            if path[:1] != ("mapping_set",):
                faults.add(("profiles", name, *path), what)
        return None


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


def _explain(error: ValidationError, model: type[MappingSet | Profile]) -> Iterator[tuple[KeyPath, str]]:
    """Each fault of pydantic's as (key path, what was expected)."""
    for fault in error.errors(include_url=False):
        path: KeyPath = tuple(fault["loc"])
        match fault["type"]:
            case "extra_forbidden":
                known = ColumnMapping if path[0] in {"items", "subitems"} and len(path) > 1 else model
                names = tuple(field for field in known.model_fields if field not in {"name", "mapping_set"})
                yield path, _unknown_key(str(path[-1]), names)
            case "missing":
                yield path, "expected this key, it is missing"
            case _:
                message = str(fault["msg"]).removeprefix("Value error, ")
                given = fault.get("input")
                shown = f", found {given!r}" if isinstance(given, str | int | float | bool) else ""
                yield path, f"{message[0].lower()}{message[1:]}{shown}"
