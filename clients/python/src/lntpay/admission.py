"""What a gate decides about a request, and what a response does with the use: for the helpers of FastAPI, Django and others."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from .models import Admission

Header = tuple[str, str]
Outcome = Literal["commit", "release"]

credential_headers = ("authorization", "payment-authorization", "macaroon", "grpc-metadata-macaroon")
_exposed = "WWW-Authenticate, Payment-Receipt, Retry-After"
_redirects = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Visit:
    """A request at a gate. `path` has the query, and is percent-encoded as it came; `headers` are all that may hold a credential."""

    method: str
    path: str
    host: str
    headers: tuple[Header, ...]
    client: str | None = None

    @property
    def is_preflight(self) -> bool:
        """Preflights of browsers never cost."""
        return self.method == "OPTIONS" and any(name == "access-control-request-method" for name, _ in self.headers)

    def described(self) -> dict[str, object]:
        """The body of POST /v1/gates/{gate}/verify."""
        lines: dict[str, list[str]] = {}
        for name, line in self.headers:
            if name in credential_headers:
                lines.setdefault(name, []).append(line)
        asked: dict[str, object] = {"method": self.method, "path": self.path}
        if lines:
            asked["headers"] = lines
        if self.client is not None:
            asked["client"] = self.client
        return asked


class Refused(Exception):
    """The response to send in place of the protected one."""

    def __init__(self, status: int, code: str, detail: str, headers: Iterable[Header] = (), offer: dict[str, object] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        cors = [("access-control-allow-origin", "*"), ("access-control-expose-headers", _exposed)]
        self.headers = [("content-type", "application/problem+json"), ("cache-control", "no-store"), *cors, *headers]
        self.body = json.dumps({"status": status, "code": code, "detail": detail, **(offer or {})}).encode()


def refusal(seen: Admission) -> Refused:
    """Of a credential that does not pass, or of none."""
    status = seen.status or 503
    headers: list[Header] = []
    offer: dict[str, object] = {}
    if seen.challenge is not None:
        headers += [("www-authenticate", line) for line in seen.challenge.www_authenticate]
        for name in ("amount_sats", "bolt11", "payment_hash", "checkout_url"):
            offer[name] = getattr(seen.challenge, name)
        offer["expires_at"] = seen.challenge.expires_at.isoformat()
    if seen.retry_after_seconds is not None:
        headers.append(("retry-after", str(seen.retry_after_seconds)))
    code = {401: "unauthenticated", 402: "payment_required", 409: "redemption_in_progress"}.get(status, "unavailable")
    return Refused(status, code, seen.reason or "The request is not paid.", headers, offer)


def outcome(visit: Visit, status: int, location: str | None) -> Outcome:
    """Whether a response uses up what was paid for."""
    if 200 <= status < 300:
        return "release" if visit.method == "HEAD" else "commit"
    if status in _redirects and location:
        host = urlsplit(location).netloc
        is_here = host in ("", visit.host)
        return "release" if is_here and visit.method in ("GET", "HEAD") else "commit"
    return "release"
