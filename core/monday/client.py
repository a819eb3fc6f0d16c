"""One HTTP request to the board's API, and its answer taken apart. The engine decides about retries."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from time import perf_counter
from types import TracebackType
from typing import Any, Self

import httpx

from core.errors import BoardError, ExitCode, Problem
from core.monday.board import Board, BoardSchema, parse_board
from core.monday.connection import bad_address, open_http, transport_fault
from core.monday.daily_calls import DailyCalls, parse_daily_calls
from core.monday.documents import (
    ACCOUNT_AND_BOARD_QUERY,
    BOARD_LIST_QUERY,
    BOARD_QUERY,
    DAILY_CALLS_QUERY,
    DAILY_CONSUMPTION_QUERY,
    GROUP_CONTENTS_QUERY,
    GROUPS_QUERY,
    NEXT_CONTENTS_QUERY,
)
from core.monday.errors import ApiFault, FaultKind, GraphError, classify, parse_errors
from core.monday.rate_headers import Budget, parse_rate_headers
from core.monday.structure import BoardSummary, parse_board_summaries
from core.redaction import redact, remember_secret

_KEPT_CHARACTERS = 20_000
"""Of an answer that is no use; a proxy's error page can be long."""
_PAGE_ITEMS = 100
"""Items a page when their subitems are read too: nested reads are the costly ones (docs/rate-limits)."""

_PAGE_BOARDS = 100
_REFUSED_CALL = 0.1
"""Of a call: what one that a rate limit refuses costs of the day's (docs/rate-limits)."""
_SAYS_NOTHING_OF_THE_NEXT = frozenset({FaultKind.AUTH, FaultKind.CONFIGURATION, FaultKind.REQUEST})
"""A refusal of what was asked; another question may be answered."""


class CallFailedError(Exception):
    """A call without a usable answer. `fault` says what to do; `budgets` is what its headers told."""

    def __init__(
        self,
        fault: ApiFault,
        *,
        http_status: int | None = None,
        request_id: str | None = None,
        text: str = "",
        budgets: Mapping[str, Budget] | None = None,
    ) -> None:
        super().__init__(fault.message)
        self.fault = fault
        self.http_status = http_status
        self.request_id = request_id
        self.text = text
        self.budgets = budgets or {}


@dataclass(frozen=True, slots=True)
class Answer:
    """A usable answer: it has data, perhaps beside errors of single aliases."""

    data: Mapping[str, Any]
    errors: tuple[GraphError, ...]
    http_status: int
    request_id: str | None
    text: str
    seconds: float
    budgets: Mapping[str, Budget]
    replayed: bool
    """The API answered from its idempotency cache: nothing was executed again."""

    @property
    def complexity(self) -> Mapping[str, Any] | None:
        """The `complexity` field when the document asked for it."""
        found = self.data.get("complexity")
        return found if isinstance(found, Mapping) else None


class MondayClient:
    """The API of one account with one token. Use as an asynchronous context manager, or call `close`."""

    def __init__(
        self,
        api_url: str,
        api_version: str,
        token: str,
        *,
        timeout_seconds: float,
        ca_file: str | None = None,
        proxy: str | None = None,
    ) -> None:
        """Open nothing yet. Raises ConfigurationError as `open_http`, which says what the last two are."""
        remember_secret(token)
        self._url = api_url
        self._address: httpx.URL | None = None
        """The same, taken apart at the first call."""
        self._proxy = proxy
        self._ca_file = ca_file
        self._timeout_seconds = timeout_seconds
        self.calls = 0
        """Requests that left, refused ones included."""
        self.on_call: Callable[[float], None] = lambda _calls: None
        """Told what each request costs of the day's calls: 1 when it leaves, and what is given back of that
        where a rate limit refuses it."""
        self.on_reading: Callable[[Mapping[str, Budget], Mapping[str, Any] | None, float], None] = (
            lambda _budgets, _complexity, _seconds: None
        )
        """Told what the answer to a request without idempotency key says of the budgets, and how many seconds
        it took: nobody admitted such a request, which only reads."""
        headers = {
            "Authorization": token,
            "Content-Type": "application/json",
            "API-Version": api_version,
            "User-Agent": "DeltaDesk",
        }
        self._http = open_http(
            api_url, headers, timeout_seconds=timeout_seconds, ca_file=ca_file, proxy=proxy
        )

    def __repr__(self) -> str:
        return f"MondayClient({redact(self._url)!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def execute(self, body: bytes, *, idempotency_key: str | None = None) -> Answer:
        """Send one body. Raises CallFailedError when there is no data to work with.

        With an idempotency key the API answers a repetition from its cache for 30 minutes (docs/idempotency).
        """
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        self.calls += 1
        self.on_call(1.0)
        started = perf_counter()
        try:
            self._address = self._address or httpx.URL(self._url)
            response = await self._http.post(self._address, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise CallFailedError(transport_fault(error, self._url, self._proxy)) from error
        except (httpx.InvalidURL, ValueError) as error:
            raise CallFailedError(bad_address(self._url, error)) from error
        seconds = perf_counter() - started
        # A response and its stream hold each other, and the request: bodies would wait for the collector.
        response.stream = httpx.ByteStream(b"")
        try:
            answer = _read(response, seconds)
        except CallFailedError as failure:
            if failure.fault.kind in {FaultKind.BUDGET, FaultKind.DAILY}:
                self.on_call(_REFUSED_CALL - 1.0)
            if idempotency_key is None:
                self.on_reading(failure.budgets, None, seconds)
            raise
        if idempotency_key is None:
            self.on_reading(answer.budgets, answer.complexity, seconds)
        return answer

    async def upload(self, url: str, file: bytes) -> None:
        """Put the file of a bulk import where the API said. Raises CallFailedError unless it was taken.

        The address alone is the permission, so the token stays here (docs/importing-items-in-bulk).
        """
        await self._transfer("PUT", url, file)

    async def import_report(self, url: str) -> str:
        """The report of a bulk import, as CSV. Raises CallFailedError."""
        return await self._transfer("GET", url, None)

    async def _transfer(self, method: str, url: str, file: bytes | None) -> str:
        remember_secret(url)
        remember_secret(httpx.URL(url).query.decode("ascii", "replace"))
        try:
            store = await asyncio.to_thread(
                open_http,
                url,
                {"User-Agent": "DeltaDesk"},
                timeout_seconds=self._timeout_seconds,
                ca_file=self._ca_file,
                proxy=self._proxy,
            )
            async with store:
                headers = {} if file is None else {"Content-Type": "text/csv"}
                response = await store.request(method, url, content=file, headers=headers)
        except httpx.HTTPError as error:
            raise CallFailedError(transport_fault(error, url, self._proxy)) from error
        if response.status_code != HTTPStatus.OK:
            status = response.status_code
            words = f"The file store answered with HTTP {status}"
            fault = classify("", words, None, None, http_status=status)
            raise CallFailedError(fault, http_status=status, text=response.text[:_KEPT_CHARACTERS])
        return response.text

    async def query(self, document: str, variables: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Run a query and return its data. Raises BoardError with the reason in words."""
        body = json.dumps({"query": document, "variables": variables or {}}).encode()
        try:
            answer = await self.execute(body)
        except CallFailedError as failure:
            raise board_error(failure.fault, redact(self._url), failure.request_id) from failure
        if answer.errors:
            first = answer.errors[0]
            fault = classify(first.code, first.message, first.status, first.retry_after)
            raise board_error(fault, redact(self._url), answer.request_id)
        return answer.data

    async def daily_calls(self, today: date) -> DailyCalls:
        """The account's limit of calls a day and how many are used on `today`, a day in UTC.

        One call, or two where not everyone may see the first figures. What is refused is not told; nothing is
        raised.
        """
        told = DailyCalls()
        for document in (DAILY_CALLS_QUERY, DAILY_CONSUMPTION_QUERY):
            try:
                answer = await self.execute(json.dumps({"query": document}).encode())
            except CallFailedError as failure:
                if failure.fault.kind not in _SAYS_NOTHING_OF_THE_NEXT:
                    break
                continue
            found = parse_daily_calls(answer.data, today)
            told = DailyCalls(told.total if found.total is None else found.total, found.used)
            if told.used is not None:
                break
        return told

    async def board_schema(self, board_id: str) -> BoardSchema:
        """The structure of a board and of its subitems board, in two calls. Raises BoardError."""
        data = await self.query(ACCOUNT_AND_BOARD_QUERY, {"ids": [board_id]})
        items = _only_board(data, board_id)
        subitems = None
        if items.subitems_board_id:
            found = await self.query(BOARD_QUERY, {"ids": [items.subitems_board_id]})
            subitems = _only_board(found, items.subitems_board_id)
        me = data.get("me") or {}
        account = me.get("account") or {}
        plan = account.get("plan") or {}
        return BoardSchema(
            items, subitems, account.get("name") or "", me.get("name") or "", plan.get("tier") or ""
        )

    async def boards(self) -> tuple[BoardSummary, ...]:
        """Every active board that the token's user may see, in the API's order. Raises BoardError.

        The hidden boards of subitems are left out: they go with their boards.
        """
        found: dict[str, BoardSummary] = {}
        page = 0
        while True:
            page += 1
            data = await self.query(BOARD_LIST_QUERY, {"limit": _PAGE_BOARDS, "page": page})
            answer = data.get("boards") or ()
            found.update((board.id, board) for board in parse_board_summaries(answer))
            if len(answer) < _PAGE_BOARDS:
                return tuple(found.values())

    async def group_ids(self, board_id: str) -> Mapping[str, str]:
        """Title -> id of the board's groups; of several with one title the first. Raises BoardError."""
        data = await self.query(GROUPS_QUERY, {"ids": [board_id]})
        boards = [{"id": board_id, "name": "", **entry} for entry in data.get("boards") or ()]
        board = _only_board({"boards": boards}, board_id)
        return {group.title: group.id for group in reversed(board.groups)}

    async def group_contents(self, board_id: str, group_id: str) -> tuple[int, int]:
        """How many active items and subitems a group holds, read page by page. Raises BoardError."""
        data = await self.query(
            GROUP_CONTENTS_QUERY, {"ids": [board_id], "group": [group_id], "limit": _PAGE_ITEMS}
        )
        groups = (data.get("boards") or [{}])[0].get("groups") or [{}]
        page = groups[0].get("items_page") or {}
        items = subitems = 0
        while True:
            found = page.get("items") or ()
            items += len(found)
            subitems += sum(len(item.get("subitems") or ()) for item in found)
            if not page.get("cursor"):
                return items, subitems
            data = await self.query(NEXT_CONTENTS_QUERY, {"cursor": page["cursor"], "limit": _PAGE_ITEMS})
            page = data.get("next_items_page") or {}


def _only_board(data: Mapping[str, Any], board_id: str) -> Board:
    boards = data.get("boards") or ()
    if not boards:
        raise BoardError(
            Problem(
                "board_not_found",
                "The board does not exist, or the token's user may not see it",
                f"board {board_id}",
                "Check board_id in the profile (the number in the board's address), and the user's access.",
            ),
            exit_code=ExitCode.USAGE,
        )
    return parse_board(boards[0])


def board_error(fault: ApiFault, where: str, request_id: str | None = None) -> BoardError:
    """A fault of a whole call as an error an operator can read."""
    wrong_setting = fault.kind in {FaultKind.AUTH, FaultKind.CONFIGURATION, FaultKind.REQUEST}
    titles = {
        FaultKind.AUTH: "The board's API refuses the token",
        FaultKind.DAILY: "The account's API calls for today are spent",
        FaultKind.BUDGET: "The board's API asks to wait",
    }
    title = titles.get(fault.kind, "The board's API did not answer as expected")
    return BoardError(
        Problem(
            fault.code,
            f"{title}: {redact(fault.message)}" if fault.message else title,
            where,
            fault.remedy,
            request_id,
        ),
        exit_code=ExitCode.USAGE if wrong_setting else ExitCode.UNREACHABLE,
    )


def _read(response: httpx.Response, seconds: float) -> Answer:
    budgets = parse_rate_headers(response.headers.get("RateLimit-Policy"), response.headers.get("RateLimit"))
    retry_after = _seconds(response.headers.get("Retry-After"))
    status, text = response.status_code, response.text
    body = _json_object(text)
    errors = parse_errors(body) if body is not None else ()
    data = body.get("data") if body is not None else None
    extensions = body.get("extensions") if body is not None else None
    request_id = extensions.get("request_id") if isinstance(extensions, Mapping) else None
    if _tells_each_alias(status, data, errors):
        return Answer(
            data if isinstance(data, Mapping) else {},
            errors,
            status,
            request_id,
            text,
            seconds,
            budgets,
            response.headers.get("Idempotency-Replayed", "").lower() == "true",
        )
    if errors:
        first = next((error for error in errors if error.alias is None), errors[0])
        message = first.message or f"HTTP {status}"
        if retry_after is None:
            retry_after = first.retry_after
        fault = classify(first.code, message, first.status, retry_after, http_status=status)
    else:
        fault = _unreadable(status, retry_after)
    raise CallFailedError(
        fault, http_status=status, request_id=request_id, text=text[:_KEPT_CHARACTERS], budgets=budgets
    )


def _tells_each_alias(status: int, data: Any, errors: Sequence[GraphError]) -> bool:
    """Whether the answer must be judged alias by alias; else the call was refused as a whole.

    What brought data was carried out, whatever errors stand beside it. An error with a path comes from the
    execution too; 422 is the status of refused values (docs/validation-rules-guide), others come before.
    """
    if isinstance(data, Mapping) and any(data[name] is not None for name in data if name != "complexity"):
        return True
    executed = status < HTTPStatus.BAD_REQUEST or status == HTTPStatus.UNPROCESSABLE_ENTITY
    told = bool(errors) or (isinstance(data, Mapping) and status < HTTPStatus.BAD_REQUEST)
    return executed and told and all(error.alias is not None for error in errors)


def _unreadable(status: int, retry_after: float | None) -> ApiFault:
    """A body that is not the API's: from a proxy or a gateway, or cut off."""
    if status < HTTPStatus.BAD_REQUEST:
        return ApiFault(
            FaultKind.TRANSIENT,
            "UNREADABLE_ANSWER",
            "The answer is not what the API sends",
            "Check that api_url is the API's address and that no proxy answers in its place.",
            may_have_applied=True,
        )
    return classify("", f"HTTP {status}", None, retry_after, http_status=status)


def _json_object(text: str) -> Mapping[str, Any] | None:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _seconds(header: str | None) -> float | None:
    try:
        return None if header is None else max(0.0, float(header))
    except ValueError:
        return None
