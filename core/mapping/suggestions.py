"""Which board column a source column probably belongs to, and which columns the board lacks. Pure.

Titles are compared word by word: a rare word that both share says more than a common one. Sample values
decide where titles leave it open: a date column wants dates, and labels among the values speak for a column.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import sqrt
from typing import Any

from rapidfuzz import fuzz

from core.config.model import ColumnMapping
from core.mapping.source_values import is_empty
from core.mapping.template import template_columns
from core.mapping.value_kinds import Fit, fit_of, guess_type
from core.mapping.writers import writer_for
from core.monday.board import Board, Column

BULK_CONFIDENCE = 0.7
"""From here on a suggestion may be accepted unseen, together with others."""
LEAST_CONFIDENCE = 0.45
"""Below this a pair is not worth showing."""

_ALIKE_WORDS = 86.0
"""From this similarity on (0 to 100) two words count as one: COLOUR and COLOR, ORIGIN and ORIGN."""
_EQUAL_TITLES_ALONE = 0.97
_ALIKE_TITLES_ALONE = 0.85
"""How far titles are believed where no value was seen."""
_SURE_LABELS = 0.5
"""Share of values that are labels from which the labels count for a pair."""

# Spellings and abbreviations that mean one thing wherever they stand in a table's heading.
_SAME_WORDS: Mapping[str, str] = {
    "amt": "amount",
    "cust": "customer",
    "colour": "color",
    "ctry": "country",
    "desc": "description",
    "descr": "description",
    "fcst": "forecast",
    "fty": "factory",
    "nbr": "number",
    "no": "number",
    "num": "number",
    "nr": "number",
    "pct": "percent",
    "qty": "quantity",
    "req": "requested",
    "whse": "warehouse",
    "wh": "warehouse",
}
_SIGNS = str.maketrans({"∆": " delta ", "Δ": " delta ", "%": " percent ", "&": " and ", "#": " number "})
_GENERIC_WORDS = frozenset({"code", "date", "description", "id", "name", "number", "text", "value"})
_GENERIC_SHARE = 0.6
"""How much a word such as NAME counts that says what a column holds, not what it is about."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A source column and the board column it probably belongs to."""

    source: str
    column_id: str
    column_title: str
    column_type: str
    confidence: float
    """0 to 1; from `BULK_CONFIDENCE` on it may be accepted with others."""
    reason: str
    """Why, in words for the operator."""

    @property
    def acceptable(self) -> bool:
        """Whether it may be accepted unseen, together with others."""
        return self.confidence >= BULK_CONFIDENCE

    @property
    def rule(self) -> ColumnMapping:
        """The rule that accepting it makes."""
        return ColumnMapping(source=self.source, column=self.column_id, type=self.column_type)


@dataclass(frozen=True, slots=True)
class ProposedColumn:
    """A board column that could be made for a source column without a counterpart."""

    source: str
    title: str
    type: str
    reason: str


@dataclass(frozen=True)
class _Title:
    text: str
    words: tuple[str, ...]
    joined: str

    @classmethod
    def of(cls, title: str) -> "_Title":
        words = title_words(title)
        return cls(" ".join(words), words, "".join(words))


@dataclass
class _Pair:
    source: str
    column: Column
    confidence: float
    reasons: list[str] = field(default_factory=list)


@lru_cache(maxsize=4096)
def title_words(title: str) -> tuple[str, ...]:
    """The words of a column's title without letter case, accents, punctuation and spelling variants."""
    spaced = re.sub(
        r"(?<=[a-z])(?=[A-Z])", " ", title.translate(_SIGNS).replace("'s ", " ").replace("'S ", " ")
    )
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", spaced.casefold())
        if not unicodedata.combining(character)
    )
    return tuple(_SAME_WORDS.get(word, word) for word in re.findall(r"[^\W\d_]+|\d+", plain))


def suggest(
    source_columns: Sequence[str],
    board: Board,
    rules: Sequence[ColumnMapping],
    *,
    samples: Mapping[str, Sequence[Any]] | None = None,
) -> tuple[Suggestion, ...]:
    """Pairs of source and board columns, the surest first; each column stands in at most one.

    Board columns that no rule can write, that are archived or have a rule are left out, and so are source
    columns that have a rule of their own. `samples` are some values of source columns, as the driver gives
    them.
    """
    taken = {rule.column for rule in rules}
    mapped = {rule.source for rule in rules}
    sources = [name for name in dict.fromkeys(source_columns) if name not in mapped]
    columns = [
        column
        for column in board.columns
        if column.writable
        and writer_for(column.type) is not None
        and column.type != "name"  # the item's name has a template of its own
        and column.id not in taken
    ]
    pairs = _pairs(sources, columns, samples or {})
    pairs.sort(key=lambda pair: (-pair.confidence, sources.index(pair.source), columns.index(pair.column)))
    found: list[Suggestion] = []
    used_sources: set[str] = set()
    used_columns: set[str] = set()
    for pair in pairs:
        if pair.source in used_sources or pair.column.id in used_columns:
            continue
        used_sources.add(pair.source)
        used_columns.add(pair.column.id)
        found.append(
            Suggestion(
                pair.source,
                pair.column.id,
                pair.column.title,
                pair.column.type,
                round(pair.confidence, 2),
                "; ".join(pair.reasons),
            )
        )
    return tuple(found)


def propose_columns(
    source_columns: Sequence[str],
    rules: Sequence[ColumnMapping],
    suggestions: Sequence[Suggestion] = (),
    *,
    samples: Mapping[str, Sequence[Any]] | None = None,
) -> tuple[ProposedColumn, ...]:
    """A new board column for each source column that neither a rule reads nor a suggestion places.

    The type is guessed from the sample values; without any it is text.
    """
    placed = {suggestion.source for suggestion in suggestions}
    for rule in rules:
        placed.update((rule.source,) if rule.source is not None else template_columns(rule.origin))
    proposals: list[ProposedColumn] = []
    for source in dict.fromkeys(source_columns):
        if source in placed:
            continue
        values = _filled((samples or {}).get(source, ()))
        kind, reason = guess_type(values)
        proposals.append(ProposedColumn(source, source.strip(), kind, reason))
    return tuple(proposals)


def _filled(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if not is_empty(value)]


def _pairs(
    sources: Sequence[str], columns: Sequence[Column], samples: Mapping[str, Sequence[Any]]
) -> list[_Pair]:
    source_titles = {name: _Title.of(name) for name in sources}
    column_titles = [_Title.of(column.title) for column in columns]
    weights = _weights([*source_titles.values(), *column_titles])
    vocabulary = {word for title in column_titles for word in title.words}
    near = {
        word: {other for other in vocabulary if _alike(word, other) > 0}
        for word in {word for title in source_titles.values() for word in title.words}
    }
    pairs: list[_Pair] = []
    for name, title in source_titles.items():
        values = _filled(samples.get(name, ()))
        words = set().union(*(near[word] for word in title.words))
        for column, column_title in zip(columns, column_titles, strict=True):
            # Most pairs share nothing: 400 columns by 150 are looked at while an operator types.
            if words.isdisjoint(column_title.words) and title.joined != column_title.joined:
                continue
            alike = _title_score(title, column_title, weights)
            if alike >= LEAST_CONFIDENCE / 2:
                pair = _judged(name, column, alike, fit_of(values, column))
                if pair.confidence >= LEAST_CONFIDENCE:
                    pairs.append(pair)
    return pairs


def _weights(titles: Sequence[_Title]) -> Mapping[str, float]:
    """How much a word says: the rarer among the titles, the more."""
    counts = Counter(word for title in titles for word in set(title.words))
    return {
        word: (_GENERIC_SHARE if word in _GENERIC_WORDS else 1.0) / sqrt(count)
        for word, count in counts.items()
    }


@lru_cache(maxsize=262144)
def _alike(one: str, other: str) -> float:
    """0 or 1, or in between for words that differ in spelling. Numbers are the same or they are not."""
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    return fuzz.ratio(one, other, score_cutoff=_ALIKE_WORDS) / 100


def _title_score(one: _Title, other: _Title, weights: Mapping[str, float]) -> float:
    """0 to 1: twice the weight of the shared words over the weight of all words (the Dice coefficient)."""
    if not one.words or not other.words:
        return 0.0
    if one.joined == other.joined:
        return 1.0
    left = list(dict.fromkeys(other.words))
    shared = 0.0
    for word in dict.fromkeys(one.words):
        best = max(left, key=lambda candidate: _alike(word, candidate), default="")
        if best and (similarity := _alike(word, best)) > 0:
            left.remove(best)
            shared += similarity * (weights[word] + weights[best])
    if not shared:
        return 0.0
    total = sum(weights[word] for word in {*one.words}) + sum(weights[word] for word in {*other.words})
    # Unequal titles are never quite sure, however little the words weigh in which they differ.
    return min(0.95, 0.8 * shared / total + 0.2 * fuzz.token_sort_ratio(one.text, other.text) / 100)


def _judged(source: str, column: Column, alike: float, fit: Fit) -> _Pair:
    same = alike == 1.0
    pair = _Pair(source, column, alike)
    pair.reasons.append("the titles are the same" if same else f"the titles are alike ({alike:.0%})")
    if not fit.values:
        pair.confidence = alike * (_EQUAL_TITLES_ALONE if same else _ALIKE_TITLES_ALONE)
        pair.reasons.append("no sample value to compare")
    elif fit.decides:
        pair.confidence = _with_labels(alike, fit.share)
        pair.reasons.append(fit.words)
    else:
        pair.confidence = alike * (0.4 + 0.6 * fit.share)
        if fit.words:
            pair.reasons.append(fit.words)
    return pair


def _with_labels(alike: float, share: float) -> float:
    """Labels among the values speak for a pair; that there are none says little (new styles come)."""
    if share >= _SURE_LABELS:
        return alike + (1 - alike) * 0.6 * share
    return alike * (0.85 + 0.15 * share)
