"""The client against a sandbox: charges, withdrawals, lists, events, and what the document describes."""

from __future__ import annotations

import itertools
import json
import os
import unittest
from unittest import mock

import lntpay
from lntpay import AsyncLNTPay, LNTPay, SandboxWallet, Wallet
from lntpay.bolt11 import decode
from lntpay.errors import (
    AuthenticationError,
    IdempotencyKeyReusedError,
    InsufficientFundsError,
    InvalidRequestError,
    PaymentFailedError,
    TimeoutExceededError,
)

from world import Sandbox, root

sandbox: Sandbox


def setUpModule() -> None:
    global sandbox
    sandbox = Sandbox()


def tearDownModule() -> None:
    sandbox.stop()


class Client(unittest.TestCase):
    def setUp(self) -> None:
        self.client = LNTPay(api_key=sandbox.key, base_url=sandbox.base_url)
        self.addCleanup(self.client.close)

    def test_the_environment_has_key_and_address(self) -> None:
        with mock.patch.dict(os.environ, LNTPAY_API_KEY=sandbox.key, LNTPAY_BASE_URL=sandbox.base_url + "/"), LNTPay() as client:
            self.assertEqual(client.workspace.get().object, "workspace")
            self.assertNotIn(sandbox.key, repr(client))

    def test_a_charge_is_paid(self) -> None:
        charge = self.client.charges.create(amount_sats=21, description="café", metadata={"order": 7})
        self.assertEqual((charge.status, charge.amount_msat, charge.metadata), ("pending", 21_000, {"order": 7}))
        with self.assertRaises(TimeoutExceededError):
            self.client.charges.wait(charge.id, timeout_s=0.5)
        self.client.sandbox.pay_charge(charge.id)
        paid = self.client.charges.wait(charge.id)
        self.assertEqual((paid.status, paid.settled_msat), ("paid", 21_000))
        assert paid.paid_at is not None
        self.assertGreaterEqual(paid.paid_at, paid.created_at)

    def test_a_202_is_followed_by_wait(self) -> None:
        self.client.sandbox.fund(amount_sats=10_000)
        for behavior, status in (("succeed", "succeeded"), ("fail", "failed")):
            invoice = self.client.sandbox.create_invoice(amount_sats=100, behavior=behavior)  # type: ignore[arg-type]
            asked = self.client.withdrawals.create(bolt11=invoice.bolt11, max_fee_sats=10)
            self.assertEqual(self.client.withdrawals.wait(asked.id).status, status)

    def test_a_key_that_is_used_again_gets_the_first_answer(self) -> None:
        first, second = (self.client.charges.create(amount_sats=5, idempotency_key="order-7") for _ in range(2))
        self.assertEqual(first, second)
        with self.assertRaises(IdempotencyKeyReusedError) as caught:
            self.client.charges.create(amount_sats=6, idempotency_key="order-7")
        self.assertEqual((caught.exception.status, caught.exception.idempotency_key), (422, "order-7"))

    def test_errors_have_classes(self) -> None:
        with self.assertRaises(InvalidRequestError) as caught:
            self.client.charges.create(amount_sats=0)
        self.assertEqual((caught.exception.code, caught.exception.param), ("invalid_request", "amount_sats"))
        self.assertRegex(caught.exception.request_id or "", "^req_")
        invoice = self.client.sandbox.create_invoice(amount_sats=1_000_000_000)
        with self.assertRaises(InsufficientFundsError):
            self.client.withdrawals.create(bolt11=invoice.bolt11, max_fee_sats=10)
        with LNTPay(api_key="lnt_test_wrong", base_url=sandbox.base_url) as client, self.assertRaises(AuthenticationError):
            client.balance.get()

    def test_a_list_has_every_item_once(self) -> None:
        made = [self.client.charges.create(amount_sats=5, external_id="list").id for _ in range(7)]
        listed = [each.id for each in self.client.charges.list(external_id="list", limit=3, order="asc")]
        self.assertEqual(listed, made)
        self.assertEqual([len(page.data) for page in self.client.charges.list(external_id="list", limit=3).pages()], [3, 3, 1])
        self.assertEqual(len(self.client.charges.list(external_id="list", limit=3).first_page().data), 3)
        self.assertEqual(list(self.client.charges.list(external_id="none")), [])

    def test_events_are_read_and_followed_without_gaps(self) -> None:
        for _ in range(3):
            self.client.sandbox.fund(amount_sats=5)
        seqs = [event.seq for event in self.client.events.list(limit=2)]
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))
        self.assertEqual([event.seq for event in itertools.islice(self.client.events.follow(), len(seqs))], seqs)

    def test_the_ledger_is_verified(self) -> None:
        self.client.sandbox.fund(amount_sats=5)
        self.assertTrue(self.client.ledger.verify().ok)
        self.assertEqual(next(iter(self.client.ledger.list(order="asc"))).seq, 1)

    def test_wallets_pay_an_invoice_once(self) -> None:
        self.client.sandbox.fund(amount_sats=10_000)
        invoice = decode(self.client.sandbox.create_invoice(amount_sats=100).bolt11)
        wallet = Wallet(self.client, max_fee_sats=10)
        preimage = wallet(invoice)
        left = self.client.balance.get().available_msat
        self.assertEqual((wallet(invoice), self.client.balance.get().available_msat), (preimage, left))
        with self.assertRaises(PaymentFailedError):
            wallet(decode(self.client.sandbox.create_invoice(amount_sats=100, behavior="fail").bolt11))
        self.assertEqual(self.client.balance.get().available_msat, left)
        charge = self.client.charges.create(amount_sats=21)
        self.assertRegex(SandboxWallet(self.client)(decode(charge.bolt11)), "^[0-9a-f]{64}$")

    def test_an_invoice_is_read_as_the_server_reads_it(self) -> None:
        for amount_msat in (1, 1_000, 123_456_789, 21_000_000_000):
            charge = self.client.charges.create(amount_msat=amount_msat)
            seen = decode(charge.bolt11)
            self.assertEqual((seen.amount_msat, seen.payment_hash.hex()), (charge.amount_msat, charge.payment_hash))
            self.assertEqual(seen.expires_at, int(charge.expires_at.timestamp()))
            self.assertEqual(decode(charge.bolt11.upper()).payment_hash, seen.payment_hash)
            for at in range(len(charge.bolt11)):
                changed = charge.bolt11[:at] + ("q" if charge.bolt11[at] != "q" else "p") + charge.bolt11[at + 1 :]
                with self.assertRaises(ValueError):
                    decode(changed)

    def test_every_operation_of_an_api_key_has_a_method_in_both_clients(self) -> None:
        document = json.loads((root / "build/resources/openapi.json").read_text())
        summaries = {
            node["summary"] + "."
            for path, methods in document["paths"].items()
            for node in methods.values()
            if path.startswith("/v1/") and any("apiKey" in each for each in node.get("security", []))
            and any("application/json" in each.get("content", {}) for status, each in node["responses"].items() if status[0] == "2")
        }
        self.assertGreater(len(summaries), 50)
        asynchronous = AsyncLNTPay(api_key=sandbox.key, base_url=sandbox.base_url)
        for client in (self.client, asynchronous):
            methods = [getattr(part, name) for part in vars(client).values() for name in dir(part) if not name.startswith("_")]
            self.assertEqual(summaries - {method.__doc__ for method in methods}, set())

    def test_the_version_is_the_products(self) -> None:
        self.assertIn(f"project(lntpay VERSION {lntpay.__version__} ", (root / "CMakeLists.txt").read_text())


class Asynchronous(unittest.IsolatedAsyncioTestCase):
    async def test_the_asynchronous_client_does_the_same(self) -> None:
        async with AsyncLNTPay(api_key=sandbox.key, base_url=sandbox.base_url) as client:
            charge = await client.charges.create(amount_sats=21, external_id="async")
            await client.sandbox.pay_charge(charge.id)
            self.assertEqual((await client.charges.wait(charge.id)).status, "paid")
            self.assertEqual([each.id async for each in client.charges.list(external_id="async")], [charge.id])
            self.assertEqual((await client.charges.list(external_id="async").first_page()).has_more, False)
            invoice = await client.sandbox.create_invoice(amount_sats=5)
            asked = await client.withdrawals.create(bolt11=invoice.bolt11, max_fee_sats=10)
            self.assertEqual((await client.withdrawals.wait(asked.id)).status, "succeeded")
