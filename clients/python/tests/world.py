"""What the tests run against: a sandbox, servers that misbehave, and a proxy with faults."""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

root = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Sandbox:
    """`lntpay serve --sandbox`, with its key."""

    def __init__(self) -> None:
        self.data = tempfile.mkdtemp(prefix="lntpay-")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.base_url = self.url + "/v1"
        flags = ["--sandbox", "--data", self.data, "--listen", f"127.0.0.1:{self.port}", "--rate-limit", "1000000/60", "--log-level", "warn"]
        self._process = subprocess.Popen([root / "build/lntpay", "serve", *flags], stdout=subprocess.DEVNULL)
        until(lambda: httpx.get(self.url + "/readyz").status_code == 200, "lntpay serve is ready")
        lines = Path(self.data, "sandbox.env").read_text().splitlines()
        self.key = next(line.split("=", 1)[1] for line in lines if line.startswith("LNTPAY_API_KEY="))

    def stop(self) -> None:
        self._process.terminate()
        code = self._process.wait(20)
        shutil.rmtree(self.data, ignore_errors=True)
        assert code == 0, f"lntpay serve ended with {code}"


def until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    give_up_at = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > give_up_at:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """One request with its body; empty at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Calls `handler(request, writer)` for each request, on a thread of its own; a connection ends after one. Keeps the requests."""

    def __init__(self, handler: Handler) -> None:
        self.requests: list[bytes] = []
        self._handler = handler
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        until(self._listens, "the server listens")

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        async with await asyncio.start_server(self._serve, "127.0.0.1", self.port):
            await self._stopped.wait()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await read_request(reader)
            if request:
                self.requests.append(request)
                await self._handler(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(5)


def answer(status: int, body: bytes, content_type: str = "application/json", extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status} Answer\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n{extra}\r\n"
    return head.encode() + body


class FaultyProxy(Server):
    """Forwards to `port` with a fault in `rate` of the requests; `met` counts the faults by name."""

    faults = ("refused", "request lost", "answer lost", "answer cut", "answer late", "gateway error", "gateway error after", "sent twice", "overloaded")

    def __init__(self, port: int, seed: int, rate: float, late_s: float) -> None:
        self.met = dict.fromkeys(self.faults, 0)
        self._upstream, self._random, self._rate, self._late_s = port, random.Random(seed), rate, late_s
        super().__init__(self._pass)

    async def _pass(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        fault = self._random.choice(self.faults) if self._random.random() < self._rate else ""
        if fault:
            self.met[fault] += 1
        page = answer(502, b"<html>Bad Gateway</html>", "text/html")
        if fault in ("refused", "request lost"):
            return
        if fault == "overloaded":
            error = b'{"error":{"code":"overloaded","message":"The server is overloaded.","request_id":"req_1"}}'
            writer.write(answer(503, error, extra="retry-after: 0\r\n"))
            return
        if fault == "gateway error":
            writer.write(page)
            return
        reply = await self._forward(request)
        if fault == "sent twice":
            reply = await self._forward(request)
        if fault == "answer lost":
            return
        if fault == "answer late":
            await asyncio.sleep(self._late_s)
        writer.write(page if fault == "gateway error after" else reply[: len(reply) * 2 // 3] if fault == "answer cut" else reply)
        await writer.drain()

    async def _forward(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        writer.write(b"\r\n".join([*lines, b"connection: close"]) + b"\r\n\r\n" + body)
        reply = await reader.read()
        writer.close()
        return reply
