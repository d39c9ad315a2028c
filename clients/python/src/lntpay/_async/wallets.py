"""Payers for PayingAuth that use LNTPay itself."""

from __future__ import annotations

from ..bolt11 import Invoice
from ..errors import PaymentError, PaymentFailedError
from .client import AsyncLNTPay


class AsyncWallet:
    """Pays by withdrawals of the workspace. The key needs withdrawals:write, withdrawals:read and withdrawals:preimage.

    The Idempotency-Key follows from the payment hash, so one invoice is never paid twice.
    """

    def __init__(self, client: AsyncLNTPay, *, max_fee_sats: int | None = None, timeout_s: float = 60.0) -> None:
        self._client, self._max_fee_sats, self._timeout_s = client, max_fee_sats, timeout_s

    async def __call__(self, invoice: Invoice) -> str:
        key = "pay-" + invoice.payment_hash.hex()
        fee = self._max_fee_sats
        withdrawal = await self._client.withdrawals.create(bolt11=invoice.bolt11, max_fee_sats=fee, idempotency_key=key)
        withdrawal = await self._client.withdrawals.wait(withdrawal.id, timeout_s=self._timeout_s)
        if withdrawal.status in ("failed", "abandoned"):
            raise PaymentFailedError(f"The withdrawal {withdrawal.id} has failed; nothing was paid.")
        if withdrawal.status != "succeeded" or withdrawal.preimage is None:
            raise PaymentError(f"The withdrawal {withdrawal.id} shows no preimage. The key needs the scope withdrawals:preimage.")
        return withdrawal.preimage


class AsyncSandboxWallet:
    """Pays with the wallet of the sandbox. The key needs sandbox:write."""

    def __init__(self, client: AsyncLNTPay) -> None:
        self._client = client

    async def __call__(self, invoice: Invoice) -> str:
        paid = await self._client.sandbox.wallet_pay(bolt11=invoice.bolt11)
        return paid.preimage
