"""The client: settings, requests and retries. The synchronous one is made from this file (build.sh)."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from .._answers import answer_bytes_max, delay_s, is_worth_a_retry, public_error, value_of
from .._clock import async_sleep
from .._version import __version__
from ..errors import InvalidAnswerError, LNTPayError
from .resources import AsyncResources

API_VERSION = "2026-11-01"
"""The version of the API that this client was generated from, which every request names."""

T = TypeVar("T")
Query = Mapping[str, "str | int | bool | None"]


class AsyncLNTPay(AsyncResources):
    """LNTPay's API. `api_key` and `base_url` default to LNTPAY_API_KEY and LNTPAY_BASE_URL, or the sandbox of `make run`.

    A request without a complete answer is sent again with the same Idempotency-Key, `retries` times, so it never acts twice. `timeout_s`
    limits each of these attempts.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout_s: float = 30.0,
        retries: int = 3,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        key = api_key if api_key is not None else os.environ.get("LNTPAY_API_KEY", "")
        if not key.isascii() or not key.strip():
            raise LNTPayError("There is no API key. Pass api_key, or set LNTPAY_API_KEY.")
        self.base_url = (base_url or os.environ.get("LNTPAY_BASE_URL") or "http://127.0.0.1:8402/v1").rstrip("/")
        self._authorization = "Bearer " + key.strip()
        self._timeout_s = timeout_s
        self._retries = retries
        self._http = http_client if http_client is not None else httpx.AsyncClient(follow_redirects=False)
        self._owns_http = http_client is None
        super().__init__(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"

    async def __aenter__(self) -> AsyncLNTPay:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        if self._owns_http:
            await self._http.aclose()

    async def call(
        self,
        answer: type[T],
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        timeout_s: float | None = None,
    ) -> T:
        """Calls a route and returns its answer as `answer`: a model, or a dict. Every POST gets an Idempotency-Key of its own."""
        key = idempotency_key or (str(uuid.uuid4()) if method == "POST" else None)
        value = await self._send(method, path, query, body, key, timeout_s or self._timeout_s)
        try:
            return TypeAdapter(answer).validate_python(value)
        except ValidationError as error:
            what = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:3])
            raise InvalidAnswerError(f"The answer to {method} {path} is not what the API promises: {what}", idempotency_key=key) from None

    async def _send(
        self, method: str, path: str, query: Query | None, body: Mapping[str, Any] | None, key: str | None, timeout_s: float
    ) -> Any:
        headers = {"authorization": self._authorization, "accept": "application/json", "accept-encoding": "identity"}
        headers["user-agent"] = f"lntpay-python/{__version__}"
        headers["lntpay-version"] = API_VERSION
        if key is not None:
            headers["idempotency-key"] = key
        params = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        request = self._http.build_request(
            method, self.base_url + path, headers=headers, params=params, json=body, timeout=timeout_s
        )  # the same bytes in every attempt: a key belongs to them
        attempt = 0
        while True:
            try:
                return value_of(*await self._attempt(request, time.monotonic() + timeout_s), key)
            except (httpx.RequestError, LNTPayError) as error:
                delay = delay_s(error, attempt)
                if attempt >= self._retries or delay is None or not is_worth_a_retry(error):
                    if isinstance(error, LNTPayError):
                        raise
                    raise public_error(error, f"{method} {path}", key) from error
            attempt += 1
            await async_sleep(delay)

    async def _attempt(self, request: httpx.Request, until: float) -> tuple[int, httpx.Headers, bytes]:
        response = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if time.monotonic() > until:
                    raise httpx.ReadTimeout("The answer did not end in time.")
                if len(body) > answer_bytes_max:
                    raise InvalidAnswerError(f"The answer is larger than {answer_bytes_max} bytes.", status=response.status_code)
            return response.status_code, response.headers, bytes(body)
        finally:
            await response.aclose()


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
