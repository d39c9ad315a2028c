"""Verifies webhooks: Standard Webhooks, and the hex signatures of the headers X-LNTPay-Signature and X-Signature."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import time
from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from .errors import WebhookVerificationError
from .models import Event

age_s_max = 300


def verify_webhook(
    body: bytes, headers: Mapping[str, str], secret: str | Iterable[str] | None = None, *, now: float | None = None
) -> Event:
    """Returns the event of a webhook, or raises WebhookVerificationError.

    `body` is the raw body, as it came, before any JSON parser. `secret` is the endpoint's whsec_…, or both of them during a rotation;
    default: LNTPAY_WEBHOOK_SECRET. The timestamp must be from the last five minutes, so a captured request cannot be replayed later.
    """
    line = _lines(headers)
    id, timestamp = line.get("webhook-id", ""), line.get("webhook-timestamp", "")
    if not id or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise WebhookVerificationError("The headers webhook-id and webhook-timestamp are missing or malformed.")
    if abs((time.time() if now is None else now) - int(timestamp)) > age_s_max:
        raise WebhookVerificationError("webhook-timestamp is not from the last five minutes.")
    given = line.get("webhook-signature", "").split()
    for each in _secrets(secret):
        try:
            key = base64.b64decode(each.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            raise WebhookVerificationError("The secret is not one of LNTPay: whsec_ and base64.") from None
        mac = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        if _has(given, "v1," + base64.b64encode(mac).decode()):
            return _event(body)
    raise WebhookVerificationError("No signature in webhook-signature matches.")


def verify_hex_signature(body: bytes, headers: Mapping[str, str], secret: str | Iterable[str] | None = None) -> Event:
    """The same by X-LNTPay-Signature or X-Signature alone: hex HMAC-SHA-256 of the raw body under the whole text of the secret.

    These headers hold no time. A captured request can be replayed, so `verify_webhook` does not accept them.
    """
    line = _lines(headers)
    given = [line[name].strip().lower() for name in ("x-lntpay-signature", "x-signature") if name in line]
    if not given:
        raise WebhookVerificationError("The headers X-LNTPay-Signature and X-Signature are missing.")
    for each in _secrets(secret):
        expected = hmac.new(each.encode(), body, hashlib.sha256).hexdigest()
        if all(_has([one], expected) for one in given):
            return _event(body)
    raise WebhookVerificationError("The hex signature does not match.")


def _lines(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): line for name, line in headers.items()}


def _secrets(secret: str | Iterable[str] | None) -> list[str]:
    given = os.environ.get("LNTPAY_WEBHOOK_SECRET", "") if secret is None else secret
    secrets = [given] if isinstance(given, str) else list(given)
    if not secrets or not all(secrets):
        raise WebhookVerificationError("There is no webhook secret. Pass it, or set LNTPAY_WEBHOOK_SECRET.")
    return secrets


def _has(given: Iterable[str], expected: str) -> bool:
    return any([hmac.compare_digest(each.encode(), expected.encode()) for each in given])


def _event(body: bytes) -> Event:
    try:
        return Event.model_validate_json(body)
    except ValidationError as error:
        raise WebhookVerificationError(f"The body is signed, but no event: {error.error_count()} errors.") from error
