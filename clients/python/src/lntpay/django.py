"""Paid views for Django, synchronous and asynchronous.

    @paid(price=21)
    def report(request, number): …
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ._async.client import AsyncLNTPay
from ._async.paywalls import AsyncPaywall
from ._sync.client import LNTPay
from ._sync.paywalls import Paywall
from .admission import Refused, Visit, outcome

View = TypeVar("View", bound=Callable[..., Any])


def paid(
    *,
    price: int | None = None,
    gate: str | None = None,
    uses: int | None = None,
    ttl_seconds: int | None = None,
    match: str = "/*",
    client: LNTPay | AsyncLNTPay | None = None,
) -> Callable[[View], View]:
    """A decorator: the view costs `price` sats, or what the gate asks.

    A use is committed before the response is sent, and released where the view fails. `client` is an AsyncLNTPay for an `async def` view.
    """
    terms: dict[str, Any] = {"price": price, "gate": gate, "uses": uses, "ttl_seconds": ttl_seconds, "match": match, "client": client}

    def decorate(view: View) -> View:
        return cast(View, _paid_async(view, terms) if inspect.iscoroutinefunction(view) else _paid_sync(view, terms))

    return decorate


def _paid_sync(view: Callable[..., HttpResponseBase], terms: dict[str, Any]) -> Callable[..., HttpResponseBase]:
    paywall = Paywall(**terms)

    @functools.wraps(view)
    def sell(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        visit = _visit(request)
        if visit.is_preflight:
            return view(request, *args, **kwargs)
        try:
            seen = paywall.admit(visit)
        except Refused as refused:
            return _Refusal(refused)
        try:
            response = view(request, *args, **kwargs)
        except Exception:
            paywall.settle(seen, "release")
            raise
        paywall.settle(seen, outcome(visit, response.status_code, response.headers.get("location")))
        return response

    return sell


def _paid_async(view: Callable[..., Any], terms: dict[str, Any]) -> Callable[..., Any]:
    paywall = AsyncPaywall(**terms)

    @functools.wraps(view)
    async def sell(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        visit = _visit(request)
        if visit.is_preflight:
            return cast(HttpResponseBase, await view(request, *args, **kwargs))
        try:
            seen = await paywall.admit(visit)
        except Refused as refused:
            return _Refusal(refused)
        try:
            response = cast(HttpResponseBase, await view(request, *args, **kwargs))
        except Exception:
            await paywall.settle(seen, "release")
            raise
        await paywall.settle(seen, outcome(visit, response.status_code, response.headers.get("location")))
        return response

    return sell


def _visit(request: HttpRequest) -> Visit:
    headers = tuple((name.lower(), line) for name, line in request.headers.items())
    return Visit(method=request.method or "GET", path=request.get_full_path(), host=request.headers.get("Host", ""), headers=headers)


class _Refusal(HttpResponse):
    """Django keeps one line of each header; a challenge has two, which clients do not find in one."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.body, status=refused.status)
        self._challenges = [line for name, line in refused.headers if name == "www-authenticate"]
        for name, line in refused.headers:
            self.headers[name] = line

    def items(self) -> Iterator[tuple[str, str]]:
        for name, line in self.headers.items():
            if name.lower() != "www-authenticate":
                yield name, line
        for line in self._challenges:
            yield "WWW-Authenticate", line
