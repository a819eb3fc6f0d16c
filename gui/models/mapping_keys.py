"""Which keys of a rule mean something for a column type: the form shows these and no others. Pure."""

from core.config.model import ColumnMapping
from core.config.transforms import Round

LABEL_TYPES = frozenset({"status", "dropdown"})
"""Column types whose values are labels: an unknown one is refused, created or stood for by another."""
LIMITED_TYPES = frozenset({"long_text", "name"})
"""Column types that take only so many characters: a longer value is refused or cut."""
NUMBER_TYPES = frozenset({"numbers", "rating"})
DATE_TYPES = frozenset({"date", "timeline", "week"})

KEYS_OF_SOME = {  # key of a rule -> the column types it means something for; every other key always does
    "on_too_long": LIMITED_TYPES,
    "on_unknown_label": LABEL_TYPES,
    "unknown_label": LABEL_TYPES,
    "number_format": NUMBER_TYPES,
    "date_format": DATE_TYPES,
    "time_zone": DATE_TYPES,
    "date_only": frozenset({"date"}),
    "true_words": frozenset({"checkbox"}),
    "false_words": frozenset({"checkbox"}),
    "country": frozenset({"phone"}),
    "week_start": frozenset({"week"}),
}

SOURCE_HINTS = {  # type of a column whose one text has several parts -> how they are written
    "timeline": "start/end, such as {START}/{END}",
    "location": "latitude longitude address, such as {LAT} {LNG} {ADDRESS}",
    "email": "address text, such as {MAIL} {NAME}",
    "link": "address text, such as {URL} {TITLE}",
    "phone": "number country, such as {PHONE} {COUNTRY}",
    "people": "ids with commas between them, team:ID for a team",
    "tags": "ids with commas between them",
    "board_relation": "ids with commas between them",
    "dependency": "ids with commas between them",
    "hour": "a time of day, such as 16:05 or 4:05 PM",
    "week": "any date of the week",
    "country": "a country's ISO code or English name",
    "world_clock": "the name of a time zone, such as Europe/Amsterdam",
}


def has_key(column_type: str, key: str) -> bool:
    """Whether a key of a rule means something for a column type."""
    types = KEYS_OF_SOME.get(key)
    return types is None or column_type in types


def matters(rule: ColumnMapping, key: str) -> bool:
    """Whether a key means something for a rule, as far as its other keys go."""
    match key:
        case "on_empty":  # a required value that is empty is refused: there is no cell to leave or to clear
            return not rule.required
        case "unknown_label":
            return has_key(rule.type, key) and rule.on_unknown_label == "map"
        case "number_format":  # text is rounded as the number that it says
            rounds = any(isinstance(step, Round) for step in rule.transforms)
            return rounds or has_key(rule.type, key)
        case _:
            return has_key(rule.type, key)
