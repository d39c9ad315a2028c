"""Paid routes for FastAPI and Starlette, in two lines.

    app.add_middleware(PaidMiddleware)

    @app.get("/reports/{number}", dependencies=[paid(price=21)])
"""

from __future__ import annotations

from typing import Any

from fastapi import Depends, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ._async.client import AsyncLNTPay
from ._async.paywalls import AsyncPaywall
from .admission import Refused, Visit, outcome
from .models import Admission

_slot = "lntpay.admitted"


class _Admitted:
    """What the dependency reserved, for the middleware, which sees the response."""

    def __init__(self) -> None:
        self.uses: list[tuple[AsyncPaywall, Visit, Admission]] = []

    async def settle(self, status: int, location: str | None) -> None:
        for paywall, visit, seen in self.uses:
            await paywall.settle(seen, outcome(visit, status, location))
        self.uses = []


class PaidMiddleware:
    """Sends the challenge of a request that is not paid. Commits a use before the response begins, or releases it with a failure."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        admitted = scope[_slot] = _Admitted()

        async def settle_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                location = next((line.decode("latin-1") for name, line in message.get("headers", ()) if name.lower() == b"location"), None)
                await admitted.settle(message["status"], location)
            await send(message)

        try:
            await self._app(scope, receive, settle_and_send)
        except Refused as refused:
            await admitted.settle(refused.status, None)
            headers = [(name.encode("latin-1"), line.encode("latin-1")) for name, line in refused.headers]
            headers.append((b"content-length", str(len(refused.body)).encode()))
            await send({"type": "http.response.start", "status": refused.status, "headers": headers})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else refused.body})
        except Exception:
            await admitted.settle(500, None)
            raise


def paid(
    *,
    price: int | None = None,
    gate: str | None = None,
    uses: int | None = None,
    ttl_seconds: int | None = None,
    match: str = "/*",
    client: AsyncLNTPay | None = None,
) -> Any:
    """A dependency: the route costs `price` sats, or what the gate asks. The app needs PaidMiddleware."""
    paywall = AsyncPaywall(price=price, gate=gate, uses=uses, ttl_seconds=ttl_seconds, match=match, client=client)

    async def admit(request: Request) -> Admission | None:
        admitted = request.scope.get(_slot)
        if not isinstance(admitted, _Admitted):
            raise RuntimeError("A paid route needs app.add_middleware(PaidMiddleware).")
        visit = _visit(request)
        if visit.is_preflight:
            return None
        seen = await paywall.admit(visit)
        admitted.uses.append((paywall, visit, seen))
        return seen

    return Depends(admit)


def _visit(request: Request) -> Visit:
    path = request.scope.get("raw_path") or request.url.path.encode()
    query = request.scope.get("query_string", b"")
    return Visit(
        method=request.method,
        path=path.decode("latin-1") + ("?" + query.decode("latin-1") if query else ""),
        host=request.headers.get("host", ""),
        headers=tuple(request.headers.items()),
    )
