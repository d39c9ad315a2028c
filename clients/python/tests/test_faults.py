"""1,000 payments over a network that loses, cuts, delays and repeats: none is made twice. SEED repeats a run."""

from __future__ import annotations

import asyncio
import os
import random
import unittest
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

from lntpay import AsyncLNTPay, LNTPay, PayingAuth, SandboxWallet, _answers
from lntpay.errors import ConnectionFailedError, InvalidAnswerError, PaymentError, ServerError

from services import Uvicorn, fastapi_app
from world import FaultyProxy, Sandbox

T = TypeVar("T")
runs = 1_000
seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
timeout_s = 0.4
lost = (ConnectionFailedError, InvalidAnswerError, ServerError)


async def in_parallel(count: int, run: Callable[[int], Awaitable[T]]) -> list[T]:
    places = asyncio.Semaphore(16)

    async def one(index: int) -> T:
        async with places:
            return await run(index)

    return await asyncio.gather(*(one(index) for index in range(count)))


class Faults(unittest.TestCase):
    def setUp(self) -> None:
        print(f"SEED={seed}")
        base, _answers.backoff_s_base = _answers.backoff_s_base, 0.002
        self.addCleanup(setattr, _answers, "backoff_s_base", base)
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.stop)
        self.direct = LNTPay(api_key=self.sandbox.key, base_url=self.sandbox.base_url)
        self.addCleanup(self.direct.close)

    def proxy(self, port: int, rate: float = 0.5) -> FaultyProxy:
        proxy = FaultyProxy(port, seed, rate, late_s=timeout_s + 0.2)
        self.addCleanup(proxy.stop)
        return proxy

    def test_a_payment_is_never_made_twice(self) -> None:
        proxy = self.proxy(self.sandbox.port)
        self.direct.sandbox.fund(amount_sats=runs * 20)
        before = self.direct.balance.get().available_msat
        invoices = [self.direct.sandbox.create_invoice(amount_sats=1 + index % 9) for index in range(runs)]
        raised: Counter[str] = Counter()

        async def pay(client: AsyncLNTPay, index: int) -> str | None:
            key = None
            for _ in range(3):
                try:
                    asked = await client.withdrawals.create(bolt11=invoices[index].bolt11, max_fee_sats=5, idempotency_key=key)
                    return (await client.withdrawals.wait(asked.id)).id
                except lost as error:
                    raised[type(error).__name__] += 1
                    key = error.idempotency_key or key
            return None

        async def all_runs() -> list[str | None]:
            async with AsyncLNTPay(api_key=self.sandbox.key, base_url=proxy.base_url, timeout_s=timeout_s, retries=2) as client:
                return await in_parallel(runs, lambda index: pay(client, index))

        paid = [id for id in asyncio.run(all_runs()) if id is not None]
        withdrawals = {each.id: each for each in self.direct.withdrawals.list(limit=100)}
        for each in withdrawals:
            self.assertEqual(self.direct.withdrawals.wait(each).status, "succeeded")
        withdrawals = {each.id: each for each in self.direct.withdrawals.list(limit=100)}
        self.assertEqual(max(Counter(each.payment_hash for each in withdrawals.values()).values()), 1)
        self.assertLessEqual(set(paid), set(withdrawals))
        self.assertEqual(len(set(paid)), len(paid))
        self.assertGreater(len(paid), runs // 2)
        spent = sum(each.amount_msat + (each.fee_msat or 0) for each in withdrawals.values())
        self.assertEqual(self.direct.balance.get().available_msat, before - spent)
        self.assertGreater(min(proxy.met.values()), 20, "every fault was met")
        self.assertGreater(sum(raised.values()), 0, "some calls failed, and were made again")

    def test_a_charge_is_created_once_and_only_the_key_makes_it_so(self) -> None:
        proxy = self.proxy(self.sandbox.port)

        async def create(client: AsyncLNTPay, name: str, index: int, with_key: bool) -> None:
            key = None
            for _ in range(3):
                try:
                    await client.charges.create(amount_sats=5, external_id=f"{name}-{index}", idempotency_key=key)
                    return
                except lost as error:
                    key = error.idempotency_key if with_key else None

        async def all_runs(name: str, retries: int, with_key: bool) -> Counter[str | None]:
            async with AsyncLNTPay(api_key=self.sandbox.key, base_url=proxy.base_url, timeout_s=timeout_s, retries=retries) as client:
                await in_parallel(200, lambda index: create(client, name, index, with_key))
            charges = [each for each in self.direct.charges.list(limit=100) if (each.external_id or "").startswith(name)]
            return Counter(each.external_id for each in charges)

        once = asyncio.run(all_runs("keyed", 3, True))
        self.assertEqual((len(once), max(once.values())), (200, 1))
        self.assertGreater(max(asyncio.run(all_runs("keyless", 0, False)).values()), 1, "with new keys the proxy makes duplicates")

    def test_a_client_that_pays_for_requests_never_pays_twice(self) -> None:
        gate = self.direct.gates.create(price_sats=21, match={"method": "*", "path": "/*"}, commit="explicit", repeat_seconds=300)
        seller = AsyncLNTPay(api_key=self.sandbox.key, base_url=self.proxy(self.sandbox.port, 0.2).base_url, timeout_s=timeout_s, retries=5)
        service = Uvicorn(fastapi_app(client=seller, gate=gate.id))
        self.addCleanup(service.stop)
        between = self.proxy(service.port, 0.4)
        wallet_client = LNTPay(api_key=self.sandbox.key, base_url=self.proxy(self.sandbox.port, 0.4).base_url, timeout_s=timeout_s, retries=1)
        auth = PayingAuth(SandboxWallet(wallet_client), budget_sats=100_000)
        delivered = 0
        with httpx.Client(auth=auth, timeout=timeout_s, base_url=f"http://127.0.0.1:{between.port}") as http:
            for number in range(10, 60):
                for _ in range(40):
                    try:
                        if http.get(f"/reports/{number}").status_code == 200:
                            delivered += 1
                            break
                    except (httpx.TransportError, PaymentError, *lost):
                        pass
        self.assertEqual(delivered, 50)
        self.assertEqual(auth.left_sats, 100_000 - 50 * 21)
        self.assertEqual(self.direct.balance.get().available_sats, 50 * 21)
