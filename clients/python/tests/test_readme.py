"""The code of README.md and of the quickstarts runs as it is printed."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import re
import types
import unittest
from typing import Any
from unittest import mock

import httpx

from lntpay import LNTPay, SandboxWallet
from lntpay.bolt11 import decode

from services import Uvicorn
from world import Sandbox, root, until

blocks = re.findall(r"```python\n(.*?)```", (root / "clients/python/README.md").read_text(), re.DOTALL)


def run(code: str) -> tuple[dict[str, Any], str]:
    printed = io.StringIO()
    module = types.ModuleType("snippet")
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec", dont_inherit=True), module.__dict__)
    return module.__dict__, printed.getvalue()


class Readme(unittest.TestCase):
    def setUp(self) -> None:
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.stop)
        patch = mock.patch.dict(os.environ, LNTPAY_API_KEY=self.sandbox.key, LNTPAY_BASE_URL=self.sandbox.base_url)
        patch.start()
        self.addCleanup(patch.stop)

    def serve(self, app: Any) -> Uvicorn:
        service = Uvicorn(app)
        self.addCleanup(service.stop)
        return service

    def test_the_first_paid_request_takes_at_most_ten_lines(self) -> None:
        service = self.serve(run(blocks[0])[0]["app"])
        _, printed = run(blocks[1].replace("http://127.0.0.1:3000", service.url))
        self.assertEqual(printed, "{'report': 7}\n")
        self.assertLessEqual(len(blocks[1].splitlines()), 10)
        self.assertEqual(LNTPay().balance.get().available_sats, 21)

    def test_the_other_blocks_run(self) -> None:
        _, printed = run(blocks[3])
        self.assertEqual(printed.splitlines()[:2], ["paid", "charge.credit 1000000"])
        self.assertEqual(printed.splitlines()[-1], "succeeded")
        self.assertTrue(callable(run(blocks[2])[0]["report_view"]))
        self.assertTrue(callable(run(blocks[4])[0]["receive"]))
        self.assertEqual(len(blocks), 5)

    def quickstart(self, path: str) -> Uvicorn:
        """The service of an example, with a webhook endpoint of its own."""
        spec = importlib.util.spec_from_file_location("quickstart", root / "examples" / path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        service = self.serve(module.app)
        with LNTPay() as client:
            endpoint = client.webhook_endpoints.create(url=service.url + "/webhooks/lntpay")
        os.environ["LNTPAY_WEBHOOK_SECRET"] = endpoint.secret or ""
        return service

    def test_the_quickstart_pays_per_request(self) -> None:
        service = self.quickstart("pay-per-request/server.py")
        offer = httpx.get(service.url + "/premium")
        self.assertEqual(offer.status_code, 402)
        paid = f"{service.url}/premium?payment={offer.json()['payment_hash']}"
        self.assertEqual(httpx.get(paid).status_code, 402)
        with LNTPay() as client:
            SandboxWallet(client)(decode(offer.json()["bolt11"]))
        until(lambda: httpx.get(paid).status_code == 200, "the webhook unlocks the request")
        self.assertEqual(httpx.get(paid).status_code, 402, "one payment, one response")
        self.assertEqual(httpx.post(service.url + "/webhooks/lntpay", content=b"{}").status_code, 400)

    def test_the_quickstart_sells_content(self) -> None:
        service = self.quickstart("content-paywall/server.py")
        with httpx.Client(base_url=service.url) as reader, LNTPay() as client:
            page = reader.get("/article")
            self.assertEqual(page.status_code, 402)
            charge = client.charges.list().first_page().data[0]
            self.assertIn(charge.checkout_url, page.text)
            client.sandbox.pay_charge(charge.id)
            until(lambda: reader.get("/article").status_code == 200, "the webhook unlocks the article")
            self.assertEqual(reader.get("/article").status_code, 200)
            self.assertEqual(httpx.get(service.url + "/article").status_code, 402, "for another reader")
        self.assertEqual(httpx.post(service.url + "/webhooks/lntpay", content=b"{}").status_code, 400)
