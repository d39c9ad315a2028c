"""What the generated resources inherit: waiting for an end, following events, exporting the ledger."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from ..errors import TimeoutExceededError
from ..models import Charge, Event, Withdrawal
from .._parameters import path_id
from .lists import AsyncCaller, Page

poll_s = 25
answer_s_max = 30.0


class AsyncResource:
    def __init__(self, client: AsyncCaller) -> None:
        self._client = client


class AsyncChargeWaits(AsyncResource):
    async def wait(self, charge: str, *, timeout_s: float = 600.0) -> Charge:
        """Returns the charge when it is paid, expired or canceled. Raises TimeoutExceededError after `timeout_s`."""
        until = time.monotonic() + timeout_s
        while True:
            seconds = max(0, min(poll_s, int(until - time.monotonic())))
            seen = await self._client.call(Charge, "GET", f"/charges/{path_id(charge)}", query={"wait": seconds}, timeout_s=seconds + answer_s_max)
            if seen.status not in ("creating", "pending"):
                return seen
            if time.monotonic() >= until - 1:
                raise TimeoutExceededError(f"The charge {charge} is still {seen.status} after {timeout_s} s.")


class AsyncWithdrawalWaits(AsyncResource):
    async def wait(self, withdrawal: str, *, timeout_s: float = 600.0) -> Withdrawal:
        """Returns the withdrawal when it has succeeded or failed; what follows the 202 of `create`.

        Raises TimeoutExceededError after `timeout_s`; it may still be paid then.
        """
        until = time.monotonic() + timeout_s
        while True:
            seconds = max(0, min(poll_s, int(until - time.monotonic())))
            seen = await self._client.call(Withdrawal, "GET", f"/withdrawals/{path_id(withdrawal)}", query={"wait": seconds}, timeout_s=seconds + answer_s_max)
            if seen.status in ("succeeded", "failed", "abandoned"):
                return seen
            if time.monotonic() >= until - 1:
                raise TimeoutExceededError(f"The withdrawal {withdrawal} is still {seen.status} after {timeout_s} s.")


class AsyncEventWaits(AsyncResource):
    async def follow(self, *, after_seq: int = 0, types: str | None = None) -> AsyncIterator[Event]:
        """Every event after `after_seq`, and then each as it happens. Store the `seq` of the last one that you handled."""
        while True:
            query = {"after_seq": after_seq, "types": types, "wait": poll_s, "limit": 100}
            page = await self._client.call(Page[Event], "GET", "/events", query=query, timeout_s=poll_s + answer_s_max)
            for event in page.data:
                yield event
            after_seq = max(after_seq, page.next_after_seq or 0)
