"""Serves a practice board over HTTP on loopback."""

import asyncio
import json
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from core.sandbox.bulk_jobs import BulkJobs
from core.sandbox.bulk_storage import Transfer, give_report, take_upload
from core.sandbox.errors import Answer
from core.sandbox.faults import Fault
from core.sandbox.options import SandboxOptions, is_loopback
from core.sandbox.page import render_page
from core.sandbox.requests import ReceivedRequest
from core.sandbox.service import PracticeBoard

KEEP_ALIVE = 75  # seconds; a pooled connection must not close under a client that is about to use it
GRACE = 2  # seconds that running requests get at the end
LINGER = "hh" if sys.platform == "win32" else "ii"  # on or off, seconds
SECRET_HEADERS = {"authorization", "cookie"}
_connections: dict[tuple[Any, Any], asyncio.Transport] = {}


class DroppableProtocol(H11Protocol):
    """Remembers its connection, so that a fault can break it; ASGI has no way to ask for that."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection under its two addresses."""
        super().connection_made(transport)
        _connections[self.client, self.server] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        _connections.pop((self.client, self.server), None)
        super().connection_lost(exc)


def build_app(board: PracticeBoard) -> Starlette:
    """Return the web application of a practice board: the API, files, the page, the control of faults."""

    async def api(request: Request) -> Response:
        received = _received(request, await request.body())
        answer = await board.answer(received, request.headers.get("authorization"))
        return await _break(request) if answer is None else _response(answer)

    async def page(_request: Request) -> Response:
        return HTMLResponse(await asyncio.wrap_future(board.read(render_page)))

    async def faults(request: Request) -> Response:
        if request.headers.get("authorization") != board.options.token:
            return JSONResponse({"error": "Not Authenticated"}, 401)
        if request.method == "DELETE":
            board.faults.clear()
        elif request.method == "POST":
            try:
                ordered = [Fault.from_json(entry) for entry in (await request.json())["faults"]]
            except (KeyError, TypeError, ValueError) as error:
                return JSONResponse({"error": str(error)}, 400)
            for fault in ordered:
                board.faults.order(fault)
        return JSONResponse({"faults": [fault.kind.value for fault in board.faults.all()]})

    return Starlette(
        routes=[
            Route("/v2", api, methods=["POST"]),
            Route("/", page),
            *_file_routes(board),
            Route("/practice/faults", faults, methods=["GET", "POST", "DELETE"]),
        ]
    )


def _file_routes(board: PracticeBoard) -> list[Route]:
    """Return where the files of bulk import go: the addresses that `ingest_items` and its job tell."""

    async def upload(request: Request) -> Response:
        body, size = await _read_up_to(request, board.options.bulk.file_bytes)
        return await transfer(request, take_upload, _received(request, body, "upload"), size)

    async def report(request: Request) -> Response:
        return await transfer(request, give_report, _received(request, b"", "report"))

    async def transfer(
        request: Request,
        work: Callable[[BulkJobs, Transfer], Answer],
        received: ReceivedRequest,
        size: int = 0,
    ) -> Response:
        file = Transfer(
            job_id=request.path_params["job_id"],
            signature=request.query_params.get("signature", ""),
            headers=received.headers,
            has_token="authorization" in request.headers,
            body=received.body,
            size=size,
        )
        answer = await board.transfer(received, lambda jobs: work(jobs, file))
        return await _break(request) if answer is None else _response(answer)

    return [
        Route("/practice/upload/{job_id}", upload, methods=["PUT"]),
        Route("/practice/report/{job_id}", report, methods=["GET"]),
    ]


def _received(request: Request, body: bytes, transfer: str | None = None) -> ReceivedRequest:
    return ReceivedRequest(
        method=request.method,
        path=request.url.path,
        headers={
            name.lower(): text for name, text in request.headers.items() if name.lower() not in SECRET_HEADERS
        },
        body=body,
        transfer=transfer,
    )


async def _read_up_to(request: Request, most: int) -> tuple[bytes, int]:
    """Return what is sent, cut after `most` bytes, and how many bytes there were."""
    body, size = bytearray(), 0
    async for chunk in request.stream():
        body += chunk[: max(0, most - size)]
        size += len(chunk)
    return bytes(body), size


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, answer.headers, answer.content_type)


async def _break(request: Request) -> Response:
    connection = _connections.get((request.scope["client"], request.scope["server"]))
    if connection is not None:
        peer = connection.get_extra_info("socket")
        # Lingering for zero seconds makes the system send a reset instead of an orderly end.
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(LINGER, 1, 0))
        connection.abort()
        await asyncio.sleep(0.01)  # until the protocol has noticed; what follows is then not sent
    return Response(status_code=500)


class AnnouncingServer(uvicorn.Server):
    """Calls back once it listens."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._listening()


def bind(options: SandboxOptions) -> socket.socket:
    """Return a socket bound to the options' address; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
    except BaseException:
        listener.close()
        raise
    # `localhost` is what this machine's files say it is.
    if not is_loopback(listener.getsockname()[0]):
        listener.close()
        raise OSError(f"{options.host} is no loopback address on this machine")
    return listener


def root_url(options: SandboxOptions, listener: socket.socket) -> str:
    """Return the address of the page; the API is `v2` below it."""
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"http://{host}:{listener.getsockname()[1]}/"


def make_server(board: PracticeBoard, listening: Callable[[], None]) -> AnnouncingServer:
    """Return the server of a practice board; run it with the bound socket."""
    config = uvicorn.Config(
        build_app(board),
        http=DroppableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )
    return AnnouncingServer(config, listening)


def run(options: SandboxOptions) -> None:
    """Serve until SIGTERM, Ctrl+C or, if so asked, the end of standard input; for the main thread only.

    Prints one JSON line with the addresses once it listens. Raises FixtureError, or OSError when the state
    file or the address cannot be used.
    """
    listener = bind(options)
    url = root_url(options, listener)
    board = PracticeBoard(options, url)
    try:
        board.open()
    except BaseException:
        listener.close()
        raise

    def announce() -> None:
        sys.stdout.write(json.dumps({"url": f"{url}v2", "page": url, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()

    server = make_server(board, announce)
    if options.stop_with_stdin:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
    # uvicorn raises the signal again once it has stopped; with this handler the process then just ends.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()
        board.close()


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    # Reads the descriptor itself: a thread waiting inside sys.stdin would hold its lock at the end.
    while os.read(0, 4_096):
        pass
    server.should_exit = True
