"""Pays for requests that are answered with 402: an `auth` for httpx clients, synchronous and asynchronous, with a budget.

    http = httpx.Client(auth=PayingAuth(pay, budget_sats=1_000, price_sats_max=50))
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import inspect
import re
import threading
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx

from . import bolt11
from .bolt11 import Invoice
from .errors import BudgetExceededError, PaymentError, PaymentFailedError

Payer: TypeAlias = Callable[[Invoice], "str | Awaitable[str]"]
"""Pays an invoice and returns the preimage in hex. It raises PaymentFailedError only if nothing was and will be paid. After any other error
the outcome is unknown: the next request for the same resource calls the payer again with the same invoice, never with another one."""

credentials_max = 1_000
_Steps: TypeAlias = Generator["httpx.Request | Invoice", Any, None]


@dataclass(frozen=True)
class _Challenge:
    token: str
    invoice: Invoice


@dataclass(frozen=True)
class _Scope:
    """The requests that a credential opens, as far as its token shows it; the server decides."""

    origin: str
    method: str
    path: str

    def covers(self, request: httpx.Request) -> bool:
        path = request.url.path
        folder = self.path.removesuffix("*") if self.path.endswith("/*") else None
        return (
            self.origin == _origin(request)
            and self.method in ("*", _method(request))
            and (path == self.path or (folder is not None and (path + "/").startswith(folder)))
        )


class PayingAuth(httpx.Auth):
    """Pays each resource at most once per request, and never more than `price_sats_max` for one or `budget_sats` for all.

    A credential is presented again until the server asks for a new payment, so an answer that was lost is not paid twice. Prices count
    against the budget; fees are the payer's.
    """

    def __init__(self, payer: Payer, *, budget_sats: int, price_sats_max: int | None = None) -> None:
        self._payer = payer
        self._left_msat = budget_sats * 1_000
        self._price_msat_max = (budget_sats if price_sats_max is None else price_sats_max) * 1_000
        self._lock = threading.Lock()
        self._credentials: OrderedDict[_Scope, str] = OrderedDict()
        self._open: dict[_Scope, list[_Challenge]] = {}

    @property
    def left_sats(self) -> int:
        return self._left_msat // 1_000

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        steps = self._steps(request)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Invoice):
                    step = _resume(steps, self._paid_sync, step)
                else:
                    step = steps.send((yield step))
        except StopIteration:
            return

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        steps = self._steps(request)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Invoice):
                    try:
                        paid = self._payer(step)
                        preimage = await paid if inspect.isawaitable(paid) else paid
                    except BaseException as error:
                        step = steps.throw(error)
                    else:
                        step = steps.send(preimage)
                else:
                    step = steps.send((yield step))
        except StopIteration:
            return

    def _paid_sync(self, invoice: Invoice) -> str:
        paid = self._payer(invoice)
        if not isinstance(paid, str):
            if inspect.iscoroutine(paid):
                paid.close()
            raise PaymentError("The payer is asynchronous: use httpx.AsyncClient.")
        return paid

    def _steps(self, request: httpx.Request) -> _Steps:
        """One request: yields what to send, and invoices to pay, of which it receives the preimage."""
        own = request.headers.get("authorization")
        here = _Scope(_origin(request), _method(request), request.url.path)
        interrupted = self._take_open(here)
        if interrupted is not None:
            yield from self._pay(here, interrupted)
        held = self._credential(request)
        if held is not None:
            _present(request, own, held[1])
        response = yield request
        if response.status_code != 402:
            return
        if held is not None:
            self._forget(*held)
        asked = response.request  # after redirects
        challenge = _challenge(response)
        if challenge is None:
            return
        self._reserve(challenge.invoice)
        here = _Scope(_origin(asked), _method(asked), asked.url.path)
        credential = yield from self._pay(here, challenge)
        _present(asked, own if _origin(asked) == _origin(request) else None, credential)
        yield asked

    def _pay(self, here: _Scope, challenge: _Challenge) -> Generator[Invoice, str, str]:
        try:
            preimage = (yield challenge.invoice).strip().lower()
            if not _proves(preimage, challenge.invoice):
                raise PaymentError("The payer returned no preimage of the invoice.")
        except PaymentFailedError:
            with self._lock:
                self._left_msat += challenge.invoice.amount_msat or 0
            raise
        except BaseException:  # unknown: the same invoice again, next time
            with self._lock:
                self._open.setdefault(here, []).append(challenge)
            raise
        credential = f"L402 {challenge.token}:{preimage}"
        with self._lock:
            self._credentials[_scope_of(challenge.token, here)] = credential
            while len(self._credentials) > credentials_max:
                self._credentials.popitem(last=False)
        return credential

    def _reserve(self, invoice: Invoice) -> None:
        price = invoice.amount_msat
        if price is None:
            raise BudgetExceededError("The invoice names no amount. Nothing was paid.")
        with self._lock:
            if price > self._price_msat_max or price > self._left_msat:
                most = min(self._price_msat_max, self._left_msat) // 1_000
                raise BudgetExceededError(f"The request costs {invoice.amount_sats} sats, and at most {most} may be paid for it.")
            self._left_msat -= price

    def _take_open(self, here: _Scope) -> _Challenge | None:
        with self._lock:
            challenges = self._open.get(here)
            return challenges.pop() if challenges else None

    def _credential(self, request: httpx.Request) -> tuple[_Scope, str] | None:
        with self._lock:
            return next((each for each in reversed(self._credentials.items()) if each[0].covers(request)), None)

    def _forget(self, scope: _Scope, credential: str) -> None:
        with self._lock:
            if self._credentials.get(scope) == credential:
                del self._credentials[scope]


def _resume(steps: _Steps, pay: Callable[[Invoice], str], invoice: Invoice) -> httpx.Request | Invoice:
    try:
        preimage = pay(invoice)
    except BaseException as error:
        return steps.throw(error)
    return steps.send(preimage)


def _origin(request: httpx.Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc.decode()}"


def _method(request: httpx.Request) -> str:
    return "GET" if request.method == "HEAD" else request.method


def _present(request: httpx.Request, own: str | None, credential: str) -> None:
    """Beside the caller's own authorization, folded into one line: that is what is removed when a redirect leaves the origin."""
    request.headers["authorization"] = f"{own}, {credential}" if own else credential


def _challenge(response: httpx.Response) -> _Challenge | None:
    """The L402 challenge of a 402; None where there is none that can be paid."""
    for line in response.headers.get_list("www-authenticate"):
        found = re.search(r"(?:^|[ ,])(?:L402|LSAT) ", line, re.IGNORECASE)
        if found is None:
            continue
        part = dict(re.findall(r'(\w+)="([^"]*)"', line[found.end() :]))
        token = part.get("macaroon") or part.get("token")
        try:
            return _Challenge(token, bolt11.decode(part["invoice"])) if token else None
        except (KeyError, ValueError):
            return None
    return None


def _proves(preimage: str, invoice: Invoice) -> bool:
    return re.fullmatch("[0-9a-f]{64}", preimage) is not None and hashlib.sha256(bytes.fromhex(preimage)).digest() == invoice.payment_hash


def _scope_of(token: str, here: _Scope) -> _Scope:
    """As the caveats of the token have it; the resource itself, where it has none."""
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=None if re.search("[+/]", token) else b"-_")
    except (binascii.Error, ValueError):
        return here
    path = re.search(rb"path=(/[!-~]*)", text)
    method = re.search(rb"method=([A-Z]+|\*)", text)
    covered = _Scope(here.origin, method[1].decode() if method else here.method, path[1].decode() if path else here.path)
    return covered if path else here
