"""A small HTTP server on loopback that answers as a test tells it, and notes what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.monday.client import MondayClient

TOKEN = "tk-51f0c2a9"


@dataclass(frozen=True)
class Reply:
    """One raw answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    """The connection ends before the body does."""
    silent: bool = False
    """The connection ends without an answer."""
    hangs: bool = False
    """No answer comes as long as the server runs."""


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    headers: Mapping[str, str]
    body: Any


class Api:
    """The server's script."""

    token = TOKEN

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.asked: list[Asked] = []
        self.url = ""
        self.closing = asyncio.Event()

    def answer(self, content: Any = None, **raw: Any) -> None:
        """Answer once more, with JSON or with the parts of a `Reply`; the last answer is given for ever."""
        body = {} if content is None else {"body": json.dumps(content).encode()}
        self.replies.append(Reply(**(body | raw)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends."""
        try:
            while await self._serve_one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went away
        finally:
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append(Asked(headers, json.loads(body)))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if reply.hangs:
            await self.closing.wait()
        if reply.silent or reply.hangs:
            return False
        length = len(reply.body) + 100 * reply.cut
        lines = [f"HTTP/1.1 {reply.status} x", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + reply.body)
        await writer.drain()
        return not reply.cut


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """A running server."""
    script = Api()
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    script.url = f"http://{host}:{port}/v2"
    yield script
    script.closing.set()
    server.close()
    await server.wait_closed()


@pytest.fixture
async def make_client() -> AsyncIterator[Callable[..., MondayClient]]:
    """Clients that are closed at the end."""
    made: list[MondayClient] = []

    def make(url: str, timeout_seconds: float = 20.0) -> MondayClient:
        made.append(MondayClient(url, "2026-10", TOKEN, timeout_seconds=timeout_seconds))
        return made[-1]

    yield make
    for client in made:
        await client.close()
