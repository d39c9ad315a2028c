"""Webhooks as the sandbox sends them, and forgeries."""

from __future__ import annotations

import asyncio
import unittest

from lntpay import LNTPay, verify_hex_signature, verify_webhook
from lntpay.errors import WebhookVerificationError

from world import Sandbox, Server, answer, until


class Webhooks(unittest.TestCase):
    body: bytes
    headers: dict[str, str]
    secret: str

    @classmethod
    def setUpClass(cls) -> None:
        async def receive(request: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(answer(200, b"{}"))

        sandbox = Sandbox()
        cls.addClassCleanup(sandbox.stop)
        receiver = Server(receive)
        cls.addClassCleanup(receiver.stop)
        with LNTPay(api_key=sandbox.key, base_url=sandbox.base_url) as client:
            endpoint = client.webhook_endpoints.create(url=f"http://127.0.0.1:{receiver.port}/hook", event_types=["charge.paid"])
            client.sandbox.fund(amount_sats=21, description="café ☕")
        until(lambda: len(receiver.requests) == 1, "the webhook arrives")
        head, _, cls.body = receiver.requests[0].partition(b"\r\n\r\n")
        cls.headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        assert endpoint.secret is not None
        cls.secret = endpoint.secret

    def test_a_webhook_is_verified_by_all_three_headers(self) -> None:
        event = verify_webhook(self.body, self.headers, self.secret)
        self.assertEqual((event.type, event.data["amount_sats"], event.data["description"]), ("charge.paid", 21, "café ☕"))
        self.assertEqual(verify_webhook(self.body, {name.upper(): line for name, line in self.headers.items()}, ["whsec_AAAA", self.secret]), event)
        names = {name.lower(): name for name in self.headers}
        for name in ("x-signature", "x-lntpay-signature"):
            self.assertEqual(verify_hex_signature(self.body, {name: self.headers[names[name]]}, self.secret), event)

    def test_forgeries_are_refused(self) -> None:
        good = {name.lower(): line for name, line in self.headers.items()}
        sent_at = int(good["webhook-timestamp"])
        changed = self.body.replace(b'"amount_sats":21', b'"amount_sats":22')
        hex_only = {name: good[name] for name in ("x-signature", "x-lntpay-signature")}
        forgeries: list[tuple[str, bytes, dict[str, str], str, float]] = [
            ("changed body", changed, good, self.secret, sent_at),
            ("another secret", self.body, good, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", sent_at),
            ("no secret", self.body, good, "", sent_at),
            ("no base64", self.body, good, "whsec_!", sent_at),
            ("too old", self.body, good, self.secret, sent_at + 301),
            ("from the future", self.body, good, self.secret, sent_at - 301),
            ("another time", self.body, good | {"webhook-timestamp": str(sent_at + 1)}, self.secret, sent_at),
            ("no number", self.body, good | {"webhook-timestamp": "now"}, self.secret, sent_at),
            ("another id", self.body, good | {"webhook-id": "evt_1"}, self.secret, sent_at),
            ("no signature", self.body, good | {"webhook-signature": ""}, self.secret, sent_at),
            ("another version", self.body, good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}, self.secret, sent_at),
            ("only hex signatures", self.body, hex_only, self.secret, sent_at),
        ]
        verify_webhook(self.body, good, self.secret, now=sent_at + 299)
        for name, body, headers, secret, now in forgeries:
            with self.subTest(name), self.assertRaises(WebhookVerificationError):
                verify_webhook(body, headers, secret, now=now)
        for name, body, headers in (
            ("changed body", changed, hex_only),
            ("one of two is wrong", self.body, hex_only | {"x-signature": "0" * 64}),
            ("none", self.body, {}),
        ):
            with self.subTest(name), self.assertRaises(WebhookVerificationError):
                verify_hex_signature(body, headers, self.secret)
