"""Buys with the library l402-requests, unmodified (README.md)."""

import json
import os
import sys
import urllib.request

from l402_requests import L402Client
from l402_requests.wallets import WalletBase


class SandboxWallet(WalletBase):
    payments = 0

    async def pay_invoice(self, bolt11):
        headers = {"authorization": "Bearer " + os.environ["LNTPAY_API_KEY"], "content-type": "application/json"}
        body = json.dumps({"bolt11": bolt11}).encode()
        asked = urllib.request.Request(os.environ["LNTPAY_BASE_URL"] + "/sandbox/wallet/pay", body, headers)
        with urllib.request.urlopen(asked) as paid:
            self.payments += 1
            return json.load(paid)["preimage"]


wallet = SandboxWallet()
client = L402Client(wallet=wallet)
for line in sys.stdin:
    response = client.get(line.strip())
    print(json.dumps({"status": response.status_code, "body": response.text, "payments": wallet.payments}), flush=True)
