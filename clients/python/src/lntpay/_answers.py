"""Reads answers of the API: into a value, into an error, and whether a request is sent again. Pure functions."""

from __future__ import annotations

import email.utils
import json
import random
import time
from collections.abc import Mapping
from typing import Any

import httpx

from .errors import APIError, ConnectionFailedError, InvalidAnswerError, TimeoutExceededError, error_class

answer_bytes_max = 32 * 1024 * 1024
retry_after_s_max = 60.0
backoff_s_base = 0.25
backoff_s_max = 8.0


def value_of(status: int, headers: Mapping[str, str], body: bytes, idempotency_key: str | None) -> Any:
    """The JSON of a successful answer. Raises APIError, or InvalidAnswerError for what no LNTPay server sends."""

    def invalid(message: str) -> InvalidAnswerError:
        return InvalidAnswerError(
            f"{message} (status {status}). Check base_url, and proxies between you and LNTPay.",
            status=status,
            idempotency_key=idempotency_key,
        )

    if headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise invalid("The answer is not JSON")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise invalid("The answer is not valid JSON") from None
    if not isinstance(value, dict):
        raise invalid("The answer is not an object")
    if 200 <= status < 300:
        return value
    error = value.get("error")
    if status < 400 or not isinstance(error, dict):
        raise invalid("The answer has no error object")
    code, message = error.get("code"), error.get("message")
    if not isinstance(code, str) or not isinstance(message, str):
        raise invalid("The error object has no code and message")
    request_id, param, details = error.get("request_id"), error.get("param"), error.get("details")
    raise error_class(status, code)(
        status,
        code,
        message[:2_000],
        request_id=request_id if isinstance(request_id, str) else None,
        param=param if isinstance(param, str) else None,
        details=details if isinstance(details, dict) else None,
        retry_after_s=retry_after_s(headers),
        idempotency_key=idempotency_key,
    )


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The seconds of Retry-After, which is a number or a date; None where it is neither."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def is_worth_a_retry(error: Exception) -> bool:
    """Whether the same request, with the same Idempotency-Key, may succeed later."""
    if isinstance(error, APIError):
        return error.status in (408, 429) or error.status >= 500 or error.code == "idempotency_in_progress"
    if isinstance(error, InvalidAnswerError):
        return error.status in (408, 429, 502, 503, 504)  # from a proxy
    return isinstance(error, httpx.TransportError)


def delay_s(error: Exception, attempt: int) -> float | None:
    """The delay before the next attempt, where 0 is the first one made; None: too long to wait for."""
    backoff = min(backoff_s_max, backoff_s_base * 2.0**attempt) * random.uniform(0.5, 1.0)
    asked = error.retry_after_s if isinstance(error, APIError) else None
    if asked is not None and asked > retry_after_s_max:
        return None
    return max(backoff, asked or 0.0)


def public_error(error: httpx.RequestError, what: str, idempotency_key: str | None) -> ConnectionFailedError:
    """Our error for one of the HTTP library."""
    kind = TimeoutExceededError if isinstance(error, httpx.TimeoutException) else ConnectionFailedError
    return kind(f"No complete answer to {what}: {error!r}. It may have been carried out.", idempotency_key=idempotency_key)
