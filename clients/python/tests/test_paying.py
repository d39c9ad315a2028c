"""Clients that pay, at services that sell by the helpers of FastAPI and Django."""

from __future__ import annotations

import asyncio
import logging
import unittest
from collections.abc import Callable
from typing import Any
from unittest import mock

import httpx
from django.core.asgi import get_asgi_application

from lntpay import AsyncLNTPay, AsyncSandboxWallet, Invoice, LNTPay, PayingAuth, SandboxWallet
from lntpay.errors import BudgetExceededError, LNTPayError, PaymentError, PaymentFailedError

from services import Uvicorn, Wsgi, fastapi_app, served, set_up_django
from world import Sandbox, Server, answer

sandbox: Sandbox
api: LNTPay


def setUpModule() -> None:
    global sandbox, api
    logging.disable(logging.CRITICAL)
    sandbox = Sandbox()
    api = LNTPay(api_key=sandbox.key, base_url=sandbox.base_url)
    set_up_django(api, asynchronous())


def tearDownModule() -> None:
    api.close()
    sandbox.stop()
    logging.disable(logging.NOTSET)


def asynchronous(key: str | None = None) -> AsyncLNTPay:
    return AsyncLNTPay(api_key=key or sandbox.key, base_url=sandbox.base_url)


class CountingWallet:
    """The sandbox's wallet; `fails` is called before each payment, `fails_after` after it."""

    def __init__(self) -> None:
        self.paid: list[Invoice] = []
        self.fails: Callable[[], None] = lambda: None
        self.fails_after: Callable[[], None] = lambda: None
        self._wallet = SandboxWallet(api)

    def __call__(self, invoice: Invoice) -> str:
        self.fails()
        preimage = self._wallet(invoice)
        if invoice not in self.paid:
            self.paid.append(invoice)
        self.fails_after()
        return preimage


def raises(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


class Paying(unittest.TestCase):
    def setUp(self) -> None:
        served.clear()
        self.wallet = CountingWallet()
        self.auth = PayingAuth(self.wallet, budget_sats=1_000, price_sats_max=50)
        self.http = httpx.Client(auth=self.auth, limits=httpx.Limits(max_keepalive_connections=0))
        self.addCleanup(self.http.close)

    def service(self, **terms: Any) -> str:
        service = Uvicorn(fastapi_app(client=asynchronous(), **(terms or {"price": 21})))
        self.addCleanup(service.stop)
        return service.url

    def sells(self, url: str, failing: str) -> None:
        """The first paid request, and what a failure leaves to the payer."""
        before = api.balance.get().available_sats
        unpaid = httpx.get(url)
        self.assertEqual((unpaid.status_code, unpaid.headers["content-type"]), (402, "application/problem+json"))
        self.assertEqual([line.split(" ")[0] for line in unpaid.headers.get_list("www-authenticate")], ["L402", "Payment"])
        self.assertEqual((unpaid.json()["amount_sats"], unpaid.headers["cache-control"]), (21, "no-store"))
        for payments in (1, 2):
            bought = self.http.get(url)
            self.assertEqual((bought.status_code, bought.json(), len(self.wallet.paid)), (200, {"report": 7}, payments))
        self.assertEqual(self.http.get(url + "?page=2").status_code, 200)
        forged = httpx.get(url, headers={"authorization": self._challenged(url) + ":" + "0" * 64})
        self.assertEqual(forged.status_code, 401)
        for _ in range(3):
            self.assertIn(self.http.get(failing).status_code, (404, 500))
        self.assertEqual(len(self.wallet.paid), 4, "what failed was paid once")
        self.assertEqual(api.balance.get().available_sats, before + 4 * 21)

    def _challenged(self, url: str) -> str:
        line = httpx.get(url).headers.get_list("www-authenticate")[0]
        return "L402 " + line.split('macaroon="')[1].split('"')[0]

    def test_fastapi_sells(self) -> None:
        url = self.service()
        self.sells(url + "/reports/7", url + "/reports/0")
        self.assertEqual(httpx.get(url + "/free").json(), {"report": "free"})

    def test_django_sells(self) -> None:
        service = Wsgi()
        self.addCleanup(service.stop)
        self.sells(service.url + "/reports/7", service.url + "/reports/1")

    def test_a_use_is_committed_or_released_by_the_response(self) -> None:
        url = self.service()
        expected = {"1": "released", "2": "released", "3": "redeemed", "4": "released", "5": "redeemed", "7": "redeemed"}
        for number, kind in expected.items():
            seq = api.events.list(order="desc", limit=1).first_page().data[0].seq
            self.http.get(f"{url}/reports/{number}")
            types = [each.type for each in api.events.list(after_seq=seq) if each.type.startswith("gate.")]
            self.assertEqual((number, types), (number, [f"gate.{kind}"]))

    def test_head_costs_nothing_of_a_use_and_a_preflight_nothing(self) -> None:
        url = self.service()
        self.assertEqual(self.http.head(url + "/reports/7").status_code, 200)
        self.assertEqual(self.http.get(url + "/reports/7").status_code, 200)
        self.assertEqual(len(self.wallet.paid), 1)
        preflight = {"origin": "https://page.example", "access-control-request-method": "GET"}
        self.assertEqual(httpx.options(url + "/reports/7", headers=preflight).status_code, 200)

    def test_a_pass_opens_its_paths_for_one_payment(self) -> None:
        url = self.service(price=30, uses=3, ttl_seconds=600, match="/reports/*")
        for number, payments in ((6, 1), (7, 1), (8, 1), (9, 2)):
            self.assertEqual(self.http.get(f"{url}/reports/{number}").status_code, 200)
            self.assertEqual(len(self.wallet.paid), payments)

    def test_services_with_the_same_terms_share_a_gate(self) -> None:
        for _ in range(2):
            self.assertEqual(httpx.get(self.service(price=33) + "/reports/7").status_code, 402)
        gates = [gate for gate in api.gates.list() if gate.price_sats == 33]
        self.assertEqual(len(gates), 1)
        self.assertEqual((gates[0].commit, gates[0].match.path), ("explicit", "/*"))
        api.gates.delete(gates[0].id)
        self.assertEqual(httpx.get(self.service(price=33) + "/reports/7").status_code, 402)
        self.assertEqual(len([gate for gate in api.gates.list() if gate.price_sats == 33 and gate.closed_at is None]), 1)

    def test_nothing_is_served_while_lntpay_cannot_be_asked(self) -> None:
        client = AsyncLNTPay(api_key="lnt_test_x", base_url="http://127.0.0.1:1/v1", retries=0)
        for service in (Uvicorn(fastapi_app(client=client, gate="gate_x")), Uvicorn(fastapi_app(client=asynchronous("lnt_test_wrong"), gate="gate_x"))):
            self.addCleanup(service.stop)
            answered = httpx.get(service.url + "/reports/7")
            self.assertEqual((answered.status_code, answered.headers["retry-after"]), (503, "5"))
        self.assertEqual(served, [])

    def test_a_paid_route_without_the_middleware_fails_closed(self) -> None:
        app = fastapi_app(client=asynchronous(), price=21)
        app.user_middleware.clear()
        service = Uvicorn(app)
        self.addCleanup(service.stop)
        self.assertEqual((httpx.get(service.url + "/reports/7").status_code, served), (500, []))

    def test_the_budget_is_never_exceeded(self) -> None:
        url = self.service()
        with httpx.Client(auth=PayingAuth(self.wallet, budget_sats=1_000, price_sats_max=20)) as http, self.assertRaises(BudgetExceededError):
            http.get(url + "/reports/7")
        auth = PayingAuth(self.wallet, budget_sats=50)
        with httpx.Client(auth=auth) as http:
            for _ in range(2):
                self.assertEqual(http.get(url + "/reports/7").status_code, 200)
            with self.assertRaises(BudgetExceededError):
                http.get(url + "/reports/7")
        self.assertEqual((len(self.wallet.paid), auth.left_sats), (2, 8))

    def test_after_an_unknown_outcome_the_same_invoice_is_paid(self) -> None:
        url = self.service() + "/reports/7"
        for hook in ("fails", "fails_after"):
            with self.subTest(hook):
                self.wallet.paid.clear()
                left = self.auth.left_sats
                setattr(self.wallet, hook, raises(ConnectionError("the wallet is gone")))
                for _ in range(3):
                    with self.assertRaises(ConnectionError):
                        self.http.get(url)
                setattr(self.wallet, hook, lambda: None)
                self.assertEqual(self.http.get(url).status_code, 200)
                self.assertEqual((len(self.wallet.paid), self.auth.left_sats), (1, left - 21))

    def test_a_payment_that_failed_finally_costs_nothing(self) -> None:
        url = self.service() + "/reports/7"
        self.wallet.fails = raises(PaymentFailedError("no route"))
        with self.assertRaises(PaymentFailedError):
            self.http.get(url)
        self.assertEqual((self.auth.left_sats, self.wallet.paid), (1_000, []))
        self.wallet.fails = lambda: None
        self.assertEqual(self.http.get(url).status_code, 200)

    def test_a_payer_that_invents_a_preimage_is_caught(self) -> None:
        url = self.service() + "/reports/7"
        for invented in ("0" * 64, "", "no hex"):
            auth = PayingAuth(mock.Mock(return_value=invented), budget_sats=100)
            with httpx.Client(auth=auth) as http, self.assertRaises(PaymentError):
                http.get(url)

    def test_challenges_that_cannot_be_paid_are_handed_to_the_caller(self) -> None:
        charge = api.charges.create(amount_sats=21).bolt11
        broken = charge[:-1] + ("q" if charge[-1] != "q" else "p")
        for line in ("", "Basic realm=x", 'L402 macaroon="AA"', f'L402 macaroon="AA", invoice="{broken}"', f'L402 invoice="{charge}"', 'L402 macaroon="AA", invoice="lnbc"'):

            async def challenge(request: bytes, writer: asyncio.StreamWriter, line: str = line) -> None:
                writer.write(answer(402, b"{}", extra=f"www-authenticate: {line}\r\n" if line else ""))

            server = Server(challenge)
            self.addCleanup(server.stop)
            self.assertEqual(self.http.get(server.base_url).status_code, 402)
            self.assertEqual(len(server.requests), 1)
        self.assertEqual((self.wallet.paid, self.auth.left_sats), ([], 1_000))

    def test_a_server_that_always_asks_again_is_paid_once_for_each_request(self) -> None:
        async def ask(request: bytes, writer: asyncio.StreamWriter) -> None:
            invoice = (await asyncio.to_thread(api.charges.create, amount_sats=21)).bolt11
            writer.write(answer(402, b"{}", extra=f'www-authenticate: L402 macaroon="AA", invoice="{invoice}"\r\n'))

        server = Server(ask)
        self.addCleanup(server.stop)
        self.assertEqual(self.http.get(server.base_url).status_code, 402)
        self.assertEqual((len(self.wallet.paid), len(server.requests)), (1, 2))

    def test_a_credential_stays_at_its_origin(self) -> None:
        async def redirect(request: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(answer(302, b"", extra=f"location: {elsewhere.base_url}\r\n") if b"L402 " in request else challenge)

        async def take(request: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(answer(200, b"{}"))

        invoice = api.charges.create(amount_sats=21).bolt11
        challenge = answer(402, b"{}", extra=f'www-authenticate: L402 macaroon="AA", invoice="{invoice}"\r\n')
        elsewhere, server = Server(take), Server(redirect)
        self.addCleanup(elsewhere.stop)
        self.addCleanup(server.stop)
        answered = self.http.get(server.base_url, headers={"authorization": "Bearer own"}, follow_redirects=True)
        self.assertEqual(answered.status_code, 200)
        self.assertIn(b"authorization: bearer own, l402 aa:", server.requests[1].lower())
        self.assertNotIn(b"authorization", elsewhere.requests[0].lower())

    def test_an_asynchronous_payer_needs_an_asynchronous_client(self) -> None:
        url = self.service() + "/reports/7"
        with httpx.Client(auth=PayingAuth(AsyncSandboxWallet(asynchronous()), budget_sats=100)) as http, self.assertRaises(PaymentError):
            http.get(url)

    def test_terms_are_either_a_price_or_a_gate(self) -> None:
        for terms in ({}, {"price": 21, "gate": "gate_x"}):
            with self.subTest(terms), self.assertRaises(ValueError):
                fastapi_app(**terms)
        self.assertTrue(issubclass(BudgetExceededError, LNTPayError))


class Asynchronous(unittest.IsolatedAsyncioTestCase):
    async def test_asynchronous_views_sell_and_clients_pay(self) -> None:
        served.clear()
        wallet = AsyncSandboxWallet(asynchronous())
        set_up_django(api, asynchronous())
        apps: list[tuple[Any, str]] = [(get_asgi_application(), "/async"), (fastapi_app(client=asynchronous(), price=21), "/reports")]
        for app, path in apps:
            auth = PayingAuth(wallet, budget_sats=100)
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(auth=auth, transport=transport, base_url="http://service") as http:
                self.assertEqual((await http.get(path + "/7")).json(), {"report": 7})
                for _ in range(2):
                    self.assertEqual((await http.get(path + "/0")).status_code, 500)
            self.assertEqual(auth.left_sats, 100 - 2 * 21)
