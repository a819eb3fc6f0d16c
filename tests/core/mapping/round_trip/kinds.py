"""Every writable column type: values to try, and what the board must answer for them.

`expected` is written without the writers' help. A new type is one entry of `KINDS`.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from core.resources import resource_path

BATCH = 40
"""Values in one request; each goes to an item of its own."""
USERS = ("9000011", "9000012", "9000013")
TEAMS = ("9000021",)
TAGS = ("9000031", "9000032")
ZONE = "America/New_York"
MIDNIGHT = time()

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One column type, or one way of using it."""

    column: str
    """The column of the practice board."""
    type: str
    values: SearchStrategy[Any]
    """Source values: good ones and bad ones."""
    expected: Callable[[Any], Any]
    """What the board must hold for a value that is written."""
    read: Callable[[Json], Any]
    """What the board holds, from the answer for the cell."""
    fields: str = ""
    """The typed fields of the cell that are asked for."""
    keys: Mapping[str, Any] = field(default_factory=dict)
    """Keys of the rule."""
    bare: Callable[[Any], Any] | None = None
    """The JSON for the value as one would write it without a look at it, where the board is known to refuse
    wrong ones."""


def countries() -> dict[str, str]:
    lines = resource_path("countries.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return dict(line.split("\t") for line in lines)


def as_number(value: Any) -> Decimal:
    return Decimal(repr(value) if isinstance(value, float) else str(value).strip())


def plain(number: Decimal) -> str:
    return format(number, "f")


def utc_parts(moment: datetime) -> tuple[str, str | None]:
    if moment.time() == MIDNIGHT:
        return moment.date().isoformat(), None
    utc = moment.astimezone(UTC)
    return utc.date().isoformat(), utc.strftime("%H:%M:%S")


def as_moment(value: Any, zone: Any = UTC) -> tuple[str, str | None]:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if not isinstance(value, datetime):
        return value.isoformat(), None
    return utc_parts(value if value.tzinfo else value.replace(tzinfo=zone))


def read_moment(cell: Json) -> tuple[str, str | None] | None:
    raw = json.loads(cell["value"]) if cell["value"] else None
    return (raw["date"], raw["time"]) if raw else None


def week_of(value: date | str) -> tuple[str, str]:
    day = date.fromisoformat(value.strip()[:10]) if isinstance(value, str) else value
    monday = day - timedelta(days=day.isoweekday() - 1)
    return monday.isoformat(), (monday + timedelta(days=6)).isoformat()


def span(value: str) -> tuple[str, str]:
    first, last = value.split("/")
    return first.strip()[:10], last.strip()[:10]


def address_and_text(value: str) -> tuple[str, str]:
    address, *text = value.split(None, 1)
    return address, text[0].strip() if text else address


def phone_parts(value: str) -> tuple[str, str]:
    digits, country = value.rsplit(" ", 1)
    number = phonenumbers.parse(digits, country)
    return (
        f"+{number.country_code}{'0' if number.italian_leading_zero else ''}{number.national_number}",
        country,
    )


def phone_text(region: str) -> str:
    number = phonenumbers.example_number(region)
    assert number is not None
    return f"{phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)} {region}"


def place(value: str) -> tuple[float, float, str]:
    lat, lng, *address = value.split(None, 2)
    return float(lat), float(lng), address[0].strip() if address else "unknown"


def ids(value: Any) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in str(value).split(",")))


def lists_of(known: Sequence[str]) -> SearchStrategy[str]:
    return st.lists(st.sampled_from(known), min_size=1, max_size=5).map(", ".join)


long_words = st.integers(240, 270).map("x".__mul__) | st.integers(1990, 2010).map("y".__mul__)
words = st.text().filter(lambda text: not any(sign.isdigit() for sign in text))
"""No digits: whether an id exists only the board knows."""
labels = st.sampled_from(["EACH", "PAIR", " SET ", "Pack", "1", "7", "x" * 31]) | st.text(max_size=40)
new_labels = st.sampled_from(
    ["NEW", "new", "a, b", "Ünï", "面料", "🧵", "x" * 30, "x" * 31, "12", "EACH", "REQUESTED", '"', "<b>"]
)
moments = st.dates() | st.datetimes() | st.datetimes(timezones=st.timezones()) | st.text(max_size=20)
texts_of_moments = st.datetimes().map(str) | st.dates().map(str)
place_texts = st.builds(
    "{} {} {}".format,
    st.decimals(-95, 95, places=6),
    st.decimals(-190, 190, places=6),
    st.text(max_size=20),
)


def flat(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def linked(cell: Json) -> list[str]:
    return [str(identifier) for identifier in cell["linked_item_ids"]]


def kinds(items: Sequence[str], planned: Sequence[str]) -> dict[str, Kind]:
    """Every kind by its name; `items` are ids on the board itself, `planned` on the connected one."""
    return {
        "name": Kind(
            "name",
            "name",
            (st.text() | long_words).filter(str.strip),
            expected=lambda value: " ".join(value.split()),
            read=lambda item: item["name"],
            bare=str,
        ),
        "text": Kind(
            "text_pattern_id",
            "text",
            st.text() | long_words | st.integers() | st.dates(),
            expected=flat,
            read=lambda cell: cell["text"],
        ),
        "long_text": Kind(
            "long_text_notes",
            "long_text",
            st.text() | long_words,
            expected=lambda value: value.replace("\r\n", "\n"),
            read=lambda cell: cell["text"],
            bare=lambda value: {"text": value},
        ),
        "numbers": Kind(
            "numeric_freight",
            "numbers",
            st.decimals(
                allow_nan=False, allow_infinity=False, places=6, min_value=-(10**16), max_value=10**16
            )
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.integers(-(10**25), 10**25)
            | st.decimals(-1000, 1000, places=2).map(str)
            | st.text(max_size=8),
            expected=as_number,
            read=lambda cell: None if cell["number"] is None else as_number(float(cell["number"])),
            fields="... on NumbersValue { number }",
            bare=lambda value: value if isinstance(value, str) else plain(as_number(value)),
        ),
        "status": Kind(
            "color_unit_of_measure",
            "status",
            labels,
            expected=str.strip,
            read=lambda cell: cell["label"],
            fields="... on StatusValue { label }",
            bare=lambda value: {"label": value},
        ),
        "status that creates": Kind(
            "color_pps_status",
            "status",
            new_labels,
            expected=str.strip,
            read=lambda cell: cell["label"],
            fields="... on StatusValue { label }",
            keys={"on_unknown_label": "create"},
        ),
        "dropdown": Kind(
            "dropdown_drop",
            "dropdown",
            st.sampled_from(["DROP 1", "DROP 2 ", "drop 1", "1"]) | st.text(max_size=40),
            expected=str.strip,
            read=lambda cell: ", ".join(value["label"] for value in cell["values"]),
            fields="... on DropdownValue { values { label } }",
            bare=lambda value: {"labels": [value]},
        ),
        "dropdown that creates": Kind(
            "dropdown_color",
            "dropdown",
            new_labels | st.text(alphabet="aé,1 ", min_size=1, max_size=3),
            expected=str.strip,
            read=lambda cell: ", ".join(value["label"] for value in cell["values"]),
            fields="... on DropdownValue { values { label } }",
            keys={"on_unknown_label": "create"},
        ),
        "date": Kind(
            "date_pps_cmt_due",
            "date",
            moments | texts_of_moments,
            expected=as_moment,
            read=read_moment,
            bare=lambda value: {"date": flat(value)},
        ),
        "date with a zone": Kind(
            "date_pps_cmt_rcv",
            "date",
            moments | texts_of_moments,
            expected=lambda value: as_moment(value, ZoneInfo(ZONE)),
            read=read_moment,
            keys={"time_zone": ZONE},
        ),
        "date without a time": Kind(
            "date_pps_cmt_rcv",
            "date",
            st.dates() | st.datetimes(),
            expected=lambda value: (flat(value)[:10], None),
            read=read_moment,
            keys={"date_only": True},
        ),
        "timeline": Kind(
            "timerange_order_window",
            "timeline",
            st.builds("{}/{}".format, st.dates(), st.dates()) | st.text(max_size=20),
            expected=span,
            read=lambda cell: cell["from"] and (cell["from"][:10], cell["to"][:10]),
            fields="... on TimelineValue { from to }",
            bare=lambda value: dict(zip(("from", "to"), f"{value}/".split("/"), strict=False)),
        ),
        "week": Kind(
            "week_in_dc_week",
            "week",
            st.dates() | st.dates().map(str) | st.text(max_size=12),
            expected=week_of,
            read=lambda cell: cell["start_date"] and (cell["start_date"], cell["end_date"]),
            fields="... on WeekValue { start_date end_date }",
            bare=lambda value: {"week": {"startDate": flat(value), "endDate": flat(value)}},
        ),
        "hour": Kind(
            "hour_loading_time",
            "hour",
            st.times().map(lambda moment: moment.isoformat("minutes"))
            | st.builds("{:02}:{:02}".format, st.integers(0, 30), st.integers(0, 70)),
            expected=lambda value: tuple(map(int, value.split(":"))),
            read=lambda cell: cell["hour"] is not None and (cell["hour"], cell["minute"]),
            fields="... on HourValue { hour minute }",
            bare=lambda value: dict(zip(("hour", "minute"), map(int, value.split(":")), strict=True)),
        ),
        "world_clock": Kind(
            "world_clock_factory_clock",
            "world_clock",
            st.sampled_from(sorted(available_timezones())) | st.text(max_size=12),
            expected=str.strip,
            read=lambda cell: cell["timezone"],
            fields="... on WorldClockValue { timezone }",
            bare=lambda value: {"timezone": value},
        ),
        "checkbox": Kind(
            "boolean_own_production",
            "checkbox",
            st.booleans() | st.sampled_from(["yes", "NO", "x", "1", "0", 1, 0]) | st.text(max_size=5),
            expected=lambda value: str(value).lower() in {"true", "yes", "x", "1", "y", "v"},
            read=lambda cell: cell["checked"],
            fields="... on CheckboxValue { checked }",
        ),
        "people": Kind(
            "multiple_person_merchandiser",
            "people",
            lists_of([*USERS, *(f"team:{team}" for team in TEAMS)]) | words,
            expected=lambda value: sorted(ids(value)),
            read=lambda cell: sorted(
                f"{'team:' if entry['kind'] == 'team' else ''}{entry['id']}"
                for entry in cell["persons_and_teams"]
            ),
            fields="... on PeopleValue { persons_and_teams { id kind } }",
            bare=lambda value: {"personsAndTeams": [{"id": value, "kind": "person"}]},
        ),
        "email": Kind(
            "email_contact_email",
            "email",
            st.emails() | st.builds("{} {}".format, st.emails(), st.text()) | st.text(),
            expected=address_and_text,
            read=lambda cell: cell["email"] and (cell["email"], cell["label"]),
            fields="... on EmailValue { email label }",
        ),
        "phone": Kind(
            "phone_contact_phone",
            "phone",
            st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)).map(phone_text)
            | st.builds(
                "{} {}".format, st.integers(10**5, 10**10), st.sampled_from(["NL", "US", "IT", "CN"])
            ),
            expected=phone_parts,
            read=lambda cell: cell["phone"] and (cell["phone"], cell["country_short_name"]),
            fields="... on PhoneValue { phone country_short_name }",
            bare=lambda value: dict(zip(("phone", "countryShortName"), value.rsplit(" ", 1), strict=True)),
        ),
        "link": Kind(
            "link_customer_portal",
            "link",
            st.builds("https://x.nl/{} {}".format, st.text("abc%?=&/é"), st.text()) | st.text(),
            expected=address_and_text,
            read=lambda cell: cell["url"] and (cell["url"], cell["url_text"]),
            fields="... on LinkValue { url url_text }",
            bare=lambda value: {"url": value, "text": value},
        ),
        "country": Kind(
            "country_country_of_origin",
            "country",
            st.sampled_from(sorted(countries())) | st.sampled_from(sorted(countries().values())) | st.text(),
            expected=lambda value: (
                (value.strip().upper(), countries()[value.strip().upper()])
                if value.strip().isascii() and value.strip().upper() in countries()
                else next(
                    (code, name)
                    for code, name in countries().items()
                    if name.casefold() == value.strip().casefold()
                )
            ),
            read=lambda cell: cell["country"] and (cell["country"]["code"], cell["country"]["name"]),
            fields="... on CountryValue { country { code name } }",
            bare=lambda value: {"countryCode": value, "countryName": value},
        ),
        "location": Kind(
            "location_delivery_place",
            "location",
            place_texts | st.text(max_size=12),
            expected=place,
            read=lambda cell: cell["address"] and (cell["lat"], cell["lng"], cell["address"]),
            fields="... on LocationValue { lat lng address }",
            bare=lambda value: dict(zip(("lat", "lng"), f"{value} ".split(" ", 2), strict=False)),
        ),
        "rating": Kind(
            "rating_priority",
            "rating",
            st.integers(-1, 7) | st.sampled_from(["3", "4.0", "2.5", Decimal("5.00"), "good"]),
            expected=lambda value: int(Decimal(str(value))),
            read=lambda cell: cell["rating"],
            fields="... on RatingValue { rating }",
            bare=lambda value: {"rating": value if isinstance(value, int) else str(value)},
        ),
        "tags": Kind(
            "tag_tags",
            "tags",
            lists_of(TAGS) | words,
            expected=lambda value: sorted(ids(value)),
            read=lambda cell: sorted(map(str, cell["tag_ids"])),
            fields="... on TagsValue { tag_ids }",
            bare=lambda value: {"tag_ids": [value]},
        ),
        "board_relation": Kind(
            "board_relation_planning_board",
            "board_relation",
            lists_of(planned) | words,
            expected=ids,
            read=linked,
            fields="... on BoardRelationValue { linked_item_ids }",
            bare=lambda value: {"item_ids": [value]},
        ),
        "dependency": Kind(
            "dependency_waits_for",
            "dependency",
            lists_of(items) | words,
            expected=ids,
            read=linked,
            fields="... on DependencyValue { linked_item_ids }",
            bare=lambda value: {"item_ids": [value]},
        ),
        "color_picker": Kind(
            "color_picker_swatch",
            "color_picker",
            st.from_regex(re.compile(r"#?[0-9a-fA-F]{6}", re.ASCII), fullmatch=True) | st.text(max_size=8),
            expected=lambda value: f"#{value.strip().lstrip('#').upper()}",
            read=lambda cell: cell["color"],
            fields="... on ColorPickerValue { color }",
            bare=lambda value: {"color": {"hex": value}},
        ),
    }
