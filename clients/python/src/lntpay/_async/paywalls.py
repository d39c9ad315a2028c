"""A gate of LNTPay in front of the routes of a service: admits requests, and commits or releases the uses that it admitted."""

from __future__ import annotations

import hashlib
import json
import logging

from ..admission import Outcome, Refused, Visit, refusal
from ..errors import APIError, LNTPayError
from ..models import Admission, Gate
from .client import AsyncLNTPay

_log = logging.getLogger("lntpay")


class AsyncPaywall:
    """By a gate's id, or by a price: then the workspace's gate of this price is found or created (gates:read, gates:write).

    `uses` or `ttl_seconds` make it a pass, for the paths of `match`. The key needs gates:verify.
    """

    def __init__(
        self,
        *,
        price: int | None = None,
        gate: str | None = None,
        uses: int | None = None,
        ttl_seconds: int | None = None,
        match: str = "/*",
        client: AsyncLNTPay | None = None,
    ) -> None:
        if (price is None) == (gate is None):
            raise ValueError("Pass either price, in sats, or gate, the id of a gate.")
        terms: dict[str, object] = {"price_sats": price, "match": {"method": "*", "path": match}, "commit": "explicit"}
        if uses is not None or ttl_seconds is not None:
            terms |= {"mode": "pass", "uses": uses, "ttl_seconds": ttl_seconds}
        self._terms = {name: value for name, value in terms.items() if value is not None}
        self._gate = gate
        self._client = client

    async def admit(self, visit: Visit) -> Admission:
        """Reserves a use, or raises Refused with the response to send. Without an answer of LNTPay nothing is served."""
        try:
            client, gate = await self._ready()
            seen = await client.call(Admission, "POST", f"/gates/{gate}/verify", body=visit.described())
        except LNTPayError as error:
            _log.error("no admission to %s %s: %s", visit.method, visit.path.partition("?")[0], error)
            seconds = error.retry_after_s if isinstance(error, APIError) else None
            raise Refused(
                503, "unavailable", "Payments cannot be checked now. Try again.", [("retry-after", str(round(seconds or 5)))]
            ) from error
        if not seen.allowed:
            raise refusal(seen)
        return seen

    async def settle(self, seen: Admission, end: Outcome) -> None:
        """Commits or releases. If that fails, the use counts as committed when its reservation ends."""
        if seen.redemption_id is None or not seen.reservation:
            return
        try:
            client, _ = await self._ready()
            await client.call(dict, "POST", f"/redemptions/{seen.redemption_id}/{end}", body={"reservation": seen.reservation})
        except LNTPayError as error:
            _log.error("no %s of %s: %s", end, seen.redemption_id, error)

    async def _ready(self) -> tuple[AsyncLNTPay, str]:
        if self._client is None:
            self._client = AsyncLNTPay()
        if self._gate is None:
            self._gate = await self._gate_of_terms(self._client)
        return self._client, self._gate

    async def _gate_of_terms(self, client: AsyncLNTPay) -> str:
        """The oldest open gate with the name of these terms, so that all processes use one; if there is none, a new one."""
        name = "paid " + hashlib.sha256(json.dumps(self._terms, sort_keys=True).encode()).hexdigest()[:16]
        found = await self._oldest(client, name)
        if found is not None:
            return found
        made = await client.call(Gate, "POST", "/gates", body={"name": name, **self._terms})
        found = await self._oldest(client, name) or made.id
        if found != made.id:  # of another process, at the same time
            await client.gates.delete(made.id)
        return found

    async def _oldest(self, client: AsyncLNTPay, name: str) -> str | None:
        async for gate in client.gates.list(order="asc"):
            if gate.name == name and gate.closed_at is None:
                return gate.id
        return None
