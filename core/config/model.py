"""The configuration as the rest of the code sees it: frozen, typed, checked, with units in the names."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from core.config.template_syntax import check_template
from core.config.transforms import Transform

PRACTICE_BOARD = "practice-board"
"""The value of `api_url` and `token_source` that stands for the local practice board."""

NO_PROXY = "none"
"""The value of `proxy` that stands for a direct connection, whatever the environment says."""

Words = Annotated[str, StringConstraints(min_length=1)]

TemplateText = Annotated[Words, AfterValidator(check_template)]
"""Text with source columns in braces: see `core.config.template_syntax`."""

BulkImport = Literal["auto", "always", "never"]
BeyondSubitemLimit = Literal["refuse", "continue"]
"""Where new orders go by bulk import."""

NumberFormat = Literal["1234.5", "1,234.5", "1.234,5", "1 234,5", "1234,5"]


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a malformed name, a folder, no such zone
        raise ValueError("expected a time zone's IANA name such as Europe/Amsterdam") from None
    return name


def _date_format(text: str) -> str:
    try:
        datetime.strptime("", text)  # noqa: DTZ007  only the format is looked at
    except ValueError as error:
        # Any other fault is about the empty text, which is no date.
        if "bad directive" in str(error) or "stray %" in str(error):
            raise ValueError(
                "expected a date format of % and the letters of strptime, such as %d/%m/%Y"
            ) from None
    except re.error:  # a directive given twice
        raise ValueError("expected a date format that names each part once, such as %d/%m/%Y") from None
    return text


def _listed_sources(value: Any) -> Any:
    """One source stands for a list of one."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("expected a token source, or a list of several")
    return value


def _proxy(address: str) -> str:
    if address != NO_PROXY and not re.fullmatch(r"https?://[^\s/?#]+/?", address):
        raise ValueError(f"expected a proxy's address such as http://proxy.example.com:8080, or {NO_PROXY!r}")
    return address


class Frozen(BaseModel):
    """A table of the configuration: unknown keys are refused, values never change."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=False, hide_input_in_errors=True
    )


class ProfileKind(StrEnum):
    """How careful the application is with a profile; shown as a badge."""

    DEMO = "demo"
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class ColumnMapping(Frozen):
    """One rule: a source column, or a template of several, becomes one board column."""

    column: Words
    """The board column's id."""
    type: Words
    """The board column's type in the API's words, e.g. `dropdown`."""
    source: str | None = None
    """A column of the source table. Exactly one of `source` and `template` is set."""
    template: TemplateText | None = None
    """Several source columns: `{CUSTOMER STYLE} {CUSTOMER ALT PO|PO NUMBER}`."""
    transforms: tuple[Transform, ...] = ()
    default: str | None = None
    """Written when the source is empty."""
    required: Annotated[bool, Field(strict=True)] = False
    on_too_long: Literal["refuse", "truncate"] = "refuse"
    on_unknown_label: Literal["refuse", "create", "map"] = "refuse"
    unknown_label: Words | None = None
    """The label that stands for every unknown one, with `on_unknown_label = "map"`."""
    on_empty: Literal["leave", "clear"] = "leave"
    number_format: NumberFormat = "1234.5"
    """How text numbers are written: which mark stands before the decimals, which between thousands."""
    date_format: Annotated[str, AfterValidator(_date_format)] | None = None
    """A `strptime` format for text dates that are not ISO 8601."""
    time_zone: Annotated[str, AfterValidator(_time_zone)] | None = None
    """The IANA name of the zone of times without one, e.g. `Europe/Amsterdam`; the board stores UTC."""
    date_only: Annotated[bool, Field(strict=True)] = False
    """Write the day alone, whatever time of day the source has."""
    true_words: tuple[Words, ...] = ()
    """Words that check a check box, instead of yes, y, true, x, v and 1; letter case does not count."""
    false_words: tuple[Words, ...] = ()
    """Words that clear it, instead of no, n, false and 0."""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """The ISO 3166 code of a phone number without one, e.g. `NL`."""
    week_start: Literal["monday", "sunday"] = "monday"
    """The account's first day of the week, for `week` columns."""

    @model_validator(mode="after")
    def _keys_agree(self) -> Self:
        if (self.source is None) == (self.template is None):
            raise ValueError("expected exactly one of the keys 'source' and 'template'")
        if (self.on_unknown_label == "map") != (self.unknown_label is not None):
            raise ValueError(
                "expected on_unknown_label = \"map\" and the key 'unknown_label' together, or neither"
            )
        cleared = {word.casefold() for word in self.false_words}
        if both := [word for word in self.true_words if word.casefold() in cleared]:
            raise ValueError(f"expected '{both[0]}' in 'true_words' or in 'false_words', not in both")
        return self

    @property
    def origin(self) -> str:
        """The source as the operator reads it: the column's name or the template."""
        return self.source if self.source is not None else self.template or ""


class MappingSet(Frozen):
    """The rules of one board: names of groups, items and subitems, and a rule for each mapped column."""

    group_name: TemplateText
    item_name: TemplateText
    subitem_name: TemplateText
    item_key_column: str | None = None
    """The board column that holds the order's `record_uuid`; look-ups after a lost answer need it."""
    subitem_key_column: str | None = None
    lookups: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    """Tables for `{lookup = "<name>"}`: a value in the source -> the value for the board."""
    items: tuple[ColumnMapping, ...] = ()
    subitems: tuple[ColumnMapping, ...] = ()


class EngineColumns(Frozen):
    """Names of the columns that the engine owns in the two delta tables."""

    record_uuid: Words = "record_uuid"
    line_uuid: Words = "line_uuid"
    size_code: Words = "size_code"
    qty: Words = "qty"
    sync_state: Words = "sync_state"
    action_type: Words = "action_type"
    monday_item_id: Words = "monday_item_id"
    monday_subitem_id: Words = "monday_subitem_id"
    monday_parent_id: Words = "monday_parent_id"
    sync_attempted_at: Words = "sync_attempted_at"
    sync_completed_at: Words = "sync_completed_at"
    sync_error_message: Words = "sync_error_message"
    retry_count: Words = "retry_count"
    created_at: Words = "created_at"
    updated_at: Words = "updated_at"


class StateWords(Frozen):
    """The words that the tables store for the states; a CHECK constraint may allow others than ours."""

    NEW: Words = "NEW"
    PENDING: Words = "PENDING"
    SYNCED: Words = "SYNCED"
    ERROR: Words = "ERROR"
    HELD: Words = "HELD"


class Limits(Frozen):
    """How the engine sends. Times are seconds."""

    records_per_request: Annotated[int, Field(strict=True, ge=1, le=100)] = 100
    """At most; where the board is slow or the operations are dear, a request holds fewer."""
    writers_per_board: Annotated[int, Field(strict=True, ge=1, le=20)] = 1
    """Requests that may write one board at once, at most. The provider advises one
    (docs/development-best-practices)."""
    budget_share: Annotated[float, Field(strict=True, ge=0.1, le=1)] = 0.9
    """The part of each of the account's budgets that is used; the rest is left to other integrations."""
    request_timeout_seconds: Annotated[float, Field(strict=True, gt=0, le=120)] = 65.0
    """The API ends a call after 60 s (docs/development-best-practices); wait a little longer than it does."""
    claim_seconds: Annotated[float, Field(strict=True, ge=3, le=3600)] = 300.0
    """How long an order stays a worker's own without a sign of life from it."""
    attempts: Annotated[int, Field(strict=True, ge=1, le=20)] = 6
    """How often one request is tried before its outcome counts as unknown or failed."""
    search_lag_seconds: Annotated[float, Field(strict=True, ge=0, le=300)] = 15.0
    """How long the board's search may not show yet what was written: so long "not found" is asked again."""
    retry_total_seconds: Annotated[float, Field(strict=True, gt=0, lt=1800)] = 900.0
    """The longest time spent on one request, waits included; below the 30 minutes of an idempotency key."""
    subitem_limit: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 100
    """Subitems that an item of the board takes. 100 by the page on limits; the page on bulk imports says that
    it varies by plan."""
    beyond_subitem_limit: BeyondSubitemLimit = "refuse"
    """What becomes of an order with more lines than that: it is refused before it is sent, or continues on
    further items, which the items' key column tells from its own."""


class Prepare(Frozen):
    """Where new and changed orders come from, and what makes an order the same order."""

    staging_table: Words = "swp_ORDER_LIST"
    key_columns: Annotated[tuple[Words, ...], Field(min_length=1)] = (
        "AAG ORDER NUMBER",
        "CUSTOMER STYLE",
        "CUSTOMER COLOUR DESCRIPTION",
        "PO NUMBER",
    )
    """Together they name an order for life."""
    sizes_after: Words = "UNIT OF MEASURE"
    """The last column before the size columns."""
    sizes_before: Words = "TOTAL QTY"
    """The first column after the size columns."""
    size_columns: tuple[Words, ...] = ()
    """The size columns one by one, instead of the two markers."""
    hash_columns: tuple[Words, ...] = ()
    """An order whose values here differ has changed; empty: every column that both tables have."""
    customer_names: str | None = None
    """A CSV file beside the configuration: a name in the source, the canonical name."""


class Profile(Frozen):
    """One named environment: a database, a board and the mapping between them."""

    name: str
    kind: ProfileKind
    title: str | None = None
    api_url: Words
    api_version: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}$")] = "2026-10"
    token_source: Annotated[tuple[Words, ...], BeforeValidator(_listed_sources)] = ()
    """Where the token may be, tried in this order; `token_sources` says where when none is named."""
    ca_file: Words | None = None
    """Certificates of authorities (PEM) trusted beside the well-known ones."""
    proxy: Annotated[Words, AfterValidator(_proxy)] | None = None
    """The proxy's address, or `none`; without it the environment and the system's settings say."""
    board_id: Annotated[str, StringConstraints(pattern=r"^[0-9]+$")]
    database_url: Words
    headers_table: Words = "ORDER_LIST_DELTA"
    lines_table: Words = "ORDER_LIST_LINES_DELTA"
    customer_column: Words = "CUSTOMER NAME"
    order_label: TemplateText = "{AAG ORDER NUMBER}"
    """How an order is named in messages and tables; a template of header columns."""
    display_columns: tuple[Words, ...] = ()
    """Header columns shown and searched in the Orders page."""
    prepare: Prepare | None = None
    """None: the delta tables are filled by somebody else."""
    columns: EngineColumns = EngineColumns()
    state_words: StateWords = StateWords()
    limits: Limits = Limits()
    bulk_import: BulkImport = "never"
    """Whether new orders go by bulk import: where it costs fewer calls, wherever it can be, or nowhere."""
    mapping: Words
    """The name of the mapping set."""
    column_ids: Mapping[str, str] = Field(default_factory=dict)
    """Column ids that differ on this profile's board: id in the mapping set -> id on the board."""
    mapping_set: MappingSet
    """The mapping set with this profile's column ids filled in."""

    @property
    def badge(self) -> str:
        """The word on the profile's badge."""
        return self.title or self.name.capitalize()

    @property
    def token_sources(self) -> tuple[str, ...]:
        """Where the token is looked for, in this order."""
        if self.token_source:
            return self.token_source
        if self.uses_practice_board:
            return (PRACTICE_BOARD,)
        return f"keyring:deltadesk/{self.name}", "env:DELTADESK_TOKEN"

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Its name alone: addresses may hold passwords, and commands the token."""
        yield "name", self.name

    @property
    def uses_practice_board(self) -> bool:
        """Whether the board is the local practice board, started when it is needed."""
        return self.api_url == PRACTICE_BOARD


class Configuration(Frozen):
    """The whole file."""

    path: str
    default_profile: str
    profiles: Mapping[str, Profile]
