"""Where in the configuration file the settings of one profile and its mapping stand."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from core.config.model import Profile
from core.config.positions import KeyPath, key_lines, line_of
from core.workspace.mapping_findings import MappingFinding, Place


class Places:
    """The file's text, read once for its lines. The text must be valid: the profile was made from it."""

    def __init__(self, text: str, file: str, profile: Profile) -> None:
        self._file = file
        self._lines = key_lines(text)
        document = tomllib.loads(text)
        self._profiles: Mapping[str, Mapping[str, Any]] = document.get("profiles", {})
        self._set: Mapping[str, Any] = document.get("mappings", {}).get(profile.mapping, {})
        self._mapping: KeyPath = ("mappings", profile.mapping)
        self._chain = self._ancestors(profile.name)

    def located(self, findings: Iterable[MappingFinding]) -> tuple[MappingFinding, ...]:
        """The findings with their places, in the order of the file's lines."""
        placed = [replace(finding, place=self.of(finding)) for finding in findings]
        return tuple(sorted(placed, key=lambda finding: (finding.place and finding.place.line) or 0))

    def of(self, finding: MappingFinding) -> Place:
        """Where the setting stands that a finding is about."""
        if finding.of_profile:
            return self.of_profile_key(finding.field)
        path = self._mapping
        if finding.index is not None:
            path = (*path, finding.board, finding.index)
            if finding.field == ("column",) and (renamed := self._renamed(finding.board, finding.index)):
                return self._place(renamed)
        return self._place((*path, *finding.field))

    def of_profile_key(self, field: KeyPath) -> Place:
        """Where a key of the profile stands: in its own table, or in that of a profile it inherits from."""
        return self._place(("profiles", self._owner(field), *field))

    def column_ids_of_set(self) -> tuple[str, ...]:
        """The board column ids as the mapping set has them, before a profile renames any."""
        keys = [self._set.get("item_key_column"), self._set.get("subitem_key_column")]
        rules = [*self._set.get("items", ()), *self._set.get("subitems", ())]
        ids = [*keys, *(rule.get("column") for rule in rules)]
        return tuple(dict.fromkeys(name for name in ids if isinstance(name, str)))

    def _ancestors(self, name: str) -> list[str]:
        chain: list[str] = []
        current: Any = name
        while isinstance(current, str) and current in self._profiles and current not in chain:
            chain.append(current)
            current = self._profiles[current].get("inherits")
        return chain

    def _owner(self, field: KeyPath) -> str:
        for name in self._chain:
            value: Any = self._profiles[name]
            for key in field:
                value = value.get(key) if isinstance(key, str) and isinstance(value, Mapping) else value
            if value is not None:
                return name
        return self._chain[0] if self._chain else ""

    def _renamed(self, board: str, index: int) -> KeyPath | None:
        """Where the profile gives a rule's column another id, None where the set's own id counts."""
        rules = self._set.get(board, ())
        column = rules[index].get("column") if index < len(rules) else None
        for name in self._chain:
            ids = self._profiles[name].get("column_ids", {})
            if isinstance(column, str) and column in ids:
                return ("profiles", name, "column_ids", column)
        return None

    def _place(self, path: KeyPath) -> Place:
        return Place(self._file, line_of(self._lines, path), ".".join(str(part) for part in path))
