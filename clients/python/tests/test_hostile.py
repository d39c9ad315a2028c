"""Servers that lie, hang, cut and answer HTML: the client raises an error of its own, in time, and sends nothing twice in vain."""

from __future__ import annotations

import asyncio
import json
import time
import unittest
from typing import Any
from unittest import mock

from lntpay import AsyncLNTPay, LNTPay, _answers
from lntpay import errors
from lntpay.errors import APIError, ConnectionFailedError, InvalidAnswerError, LNTPayError, NotFoundError, RateLimitError, TimeoutExceededError

from world import Handler, Server, answer

balance = b'{"object":"balance","environment":"test","available_sats":1,"available_msat":1000,"locked_sats":0,"locked_msat":0,"total_sats":1,"total_msat":1000,"suspense_msat":0,"as_of_seq":1}'
refused = b'{"error":{"code":"not_found","message":"There is none.","request_id":"req_1","param":"id","details":{"a":1}}}'


def constant(reply: bytes) -> Handler:
    async def handler(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(reply)
        await writer.drain()

    return handler


async def hang(request: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def drip(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def flood(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    while True:
        writer.write(b" " * 65_536)
        await writer.drain()


def error(code: object, message: object = "A message.") -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


# name, server, error, requests that the client makes with two retries
cases: list[tuple[str, Handler, type[LNTPayError], int]] = [
    ("HTML with 200", constant(answer(200, b"<html>Log in</html>", "text/html")), InvalidAnswerError, 1),
    ("HTML with 404", constant(answer(404, b"<html>None</html>", "text/html")), InvalidAnswerError, 1),
    ("HTML with 502", constant(answer(502, b"<html>Bad Gateway</html>", "text/html")), InvalidAnswerError, 3),
    ("HTML that calls itself JSON", constant(answer(200, b"<html></html>")), InvalidAnswerError, 1),
    ("a list in place of an object", constant(answer(200, b"[]")), InvalidAnswerError, 1),
    ("deep JSON", constant(answer(200, b"[" * 100_000)), InvalidAnswerError, 1),
    ("no UTF-8", constant(answer(200, b'{"object":"\xff"}')), InvalidAnswerError, 1),
    ("another object", constant(answer(200, b'{"object":"charge"}')), InvalidAnswerError, 1),
    ("a text for a number", constant(answer(200, balance.replace(b'_msat":1000', b'_msat":"much"'))), InvalidAnswerError, 1),
    ("a member too few", constant(answer(200, balance.replace(b'"locked_msat":0,', b""))), InvalidAnswerError, 1),
    ("an error without code", constant(answer(400, error(None))), InvalidAnswerError, 1),
    ("an error with a number for its code", constant(answer(400, error(7))), InvalidAnswerError, 1),
    ("an error that is no error object", constant(answer(400, b"{}")), InvalidAnswerError, 1),
    ("an error with 200", constant(answer(200, error("not_found"))), InvalidAnswerError, 1),
    ("a redirect", constant(answer(302, b"", extra="location: http://127.0.0.1:1/\r\n")), InvalidAnswerError, 1),
    ("no HTTP", constant(b"SSH-2.0-OpenSSH_9.2\r\n"), ConnectionFailedError, 3),
    ("nothing", constant(b""), ConnectionFailedError, 3),
    ("a cut body", constant(answer(200, balance)[:-20]), ConnectionFailedError, 3),
    ("a cut head", constant(answer(200, balance)[:30]), ConnectionFailedError, 3),
    ("a wrong compression", constant(answer(200, balance, extra="content-encoding: gzip\r\n")), ConnectionFailedError, 1),
    ("no end", hang, TimeoutExceededError, 3),
    ("a body in drops", drip, TimeoutExceededError, 3),
    ("a body without end", flood, InvalidAnswerError, 1),
    ("an error of the API", constant(answer(404, refused)), NotFoundError, 1),
    ("a limit for an hour", constant(answer(429, error("rate_limit_exceeded"), extra="retry-after: 3600\r\n")), RateLimitError, 1),
    ("a limit that ends at once", constant(answer(429, error("rate_limit_exceeded"), extra="retry-after: 0\r\n")), RateLimitError, 3),
    ("a limit without sense", constant(answer(429, error("rate_limit_exceeded"), extra="retry-after: -soon\r\n")), RateLimitError, 3),
    ("an unknown code", constant(answer(418, error("teapot"))), APIError, 1),
]


class Hostile(unittest.TestCase):
    def setUp(self) -> None:
        base, _answers.backoff_s_base = _answers.backoff_s_base, 0.001
        self.addCleanup(setattr, _answers, "backoff_s_base", base)
        for kind in ("_sync", "_async"):
            patch = mock.patch(f"lntpay.{kind}.client.answer_bytes_max", 1_000_000)
            patch.start()
            self.addCleanup(patch.stop)

    def serve(self, handler: Handler) -> Server:
        server = Server(handler)
        self.addCleanup(server.stop)
        return server

    def test_every_answer_becomes_an_error_in_time(self) -> None:
        for name, handler, kind, requests in cases:
            with self.subTest(name):
                server = self.serve(handler)
                began = time.monotonic()
                with LNTPay(api_key="lnt_test_x", base_url=server.base_url, timeout_s=0.3, retries=2) as client:
                    with self.assertRaises(kind) as caught:
                        client.balance.get()
                self.assertLess(time.monotonic() - began, 5.0)
                self.assertEqual(len(server.requests), requests)
                self.assertNotIn("lnt_test_x", str(caught.exception))

    def test_the_asynchronous_client_does_the_same(self) -> None:
        async def get(server: Server) -> Any:
            async with AsyncLNTPay(api_key="lnt_test_x", base_url=server.base_url, timeout_s=0.3, retries=2) as client:
                return await client.balance.get()

        for name, handler, kind, requests in cases:
            with self.subTest(name):
                server = self.serve(handler)
                with self.assertRaises(kind):
                    asyncio.run(get(server))
                self.assertEqual(len(server.requests), requests)

    def test_an_error_names_code_param_and_request(self) -> None:
        server = self.serve(constant(answer(404, refused)))
        with LNTPay(api_key="lnt_test_x", base_url=server.base_url) as client, self.assertRaises(NotFoundError) as caught:
            client.charges.get("ch_1")
        seen = caught.exception
        self.assertEqual((seen.status, seen.code, seen.param, seen.request_id, seen.details), (404, "not_found", "id", "req_1", {"a": 1}))

    def test_members_and_names_of_later_versions_are_accepted(self) -> None:
        later = balance.replace(b'"test"', b'"test2"').replace(b'{"object"', b'{"new":[1],"object"')
        server = self.serve(constant(answer(200, later)))
        with LNTPay(api_key="lnt_test_x", base_url=server.base_url) as client:
            seen = client.balance.get()
        self.assertEqual((seen.available_msat, seen.model_extra), (1000, {"new": [1]}))

    def test_every_attempt_has_the_same_key_and_bytes(self) -> None:
        server = self.serve(constant(answer(502, b"", "text/html")))
        with LNTPay(api_key="lnt_test_x", base_url=server.base_url, retries=3) as client, self.assertRaises(InvalidAnswerError) as caught:
            client.withdrawals.create(bolt11="lnbc1")
        self.assertEqual(len(server.requests), 4)
        self.assertEqual(len(set(server.requests)), 1)
        self.assertIn(b"idempotency-key: " + str(caught.exception.idempotency_key).encode(), server.requests[0].lower())

    def test_two_calls_have_different_keys(self) -> None:
        server = self.serve(constant(answer(404, refused)))
        with LNTPay(api_key="lnt_test_x", base_url=server.base_url) as client:
            for _ in range(2):
                with self.assertRaises(NotFoundError):
                    client.withdrawals.create(bolt11="lnbc1")
        self.assertEqual(len(set(server.requests)), 2)

    def test_a_list_that_never_moves_ends(self) -> None:
        page = b'{"data":[],"has_more":true,"next_cursor":"here"}'
        server = self.serve(constant(answer(200, page)))
        with LNTPay(api_key="lnt_test_x", base_url=server.base_url) as client, self.assertRaises(InvalidAnswerError):
            list(client.charges.list())
        self.assertEqual(len(server.requests), 2)

    def test_an_id_leads_to_no_other_path(self) -> None:
        with LNTPay(api_key="lnt_test_x", base_url="http://127.0.0.1:1/v1") as client:
            for id in ("", "..", "ch_1/cancel", "ch_1?wait=25", "ch_1#", "%2e%2e", "ch_1\n"):
                with self.subTest(id), self.assertRaises(ValueError):
                    client.charges.get(id)

    def test_a_client_without_key_is_refused(self) -> None:
        for key in ("", " ", "lnt_tést"):
            with self.subTest(key), self.assertRaises(LNTPayError):
                LNTPay(api_key=key)

    def test_every_class_of_errors_is_one_of_the_package(self) -> None:
        for name, kind in vars(errors).items():
            if isinstance(kind, type) and name.endswith("Error"):
                self.assertTrue(issubclass(kind, LNTPayError), name)
