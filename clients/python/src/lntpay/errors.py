"""What the client raises. Every class derives from LNTPayError."""

from __future__ import annotations

from typing import Any


class LNTPayError(Exception):
    """The base of all errors of this package."""


class ConnectionFailedError(LNTPayError):
    """No complete answer arrived, so the request may have been carried out.

    A call with the same `idempotency_key` and arguments gets the answer of the first one; it never acts a second time.
    """

    def __init__(self, message: str, *, idempotency_key: str | None = None) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key


class TimeoutExceededError(ConnectionFailedError):
    """The answer did not arrive in time; or what `wait` waits for did not happen in time."""


class InvalidAnswerError(LNTPayError):
    """The answer is not one of the API: HTML of a proxy, a redirect, a wrong type. The request may have been carried out."""

    def __init__(self, message: str, *, status: int | None = None, idempotency_key: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.idempotency_key = idempotency_key


class APIError(LNTPayError):
    """The API refused the request."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        request_id: str | None = None,
        param: str | None = None,
        details: dict[str, Any] | None = None,
        retry_after_s: float | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        self.param = param
        self.details = details or {}
        self.retry_after_s = retry_after_s
        self.idempotency_key = idempotency_key

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message} ({self.request_id or 'no request id'})"


class InvalidRequestError(APIError):
    """400, and other faults of the request itself; `param` names the field."""


class AuthenticationError(APIError):
    """401: the API key is missing, unknown, revoked or expired."""


class PermissionDeniedError(APIError):
    """403: the API key may not do this."""


class NotFoundError(APIError):
    """404."""


class ConflictError(APIError):
    """409: the state of the resource does not allow this now."""


class UnprocessableError(APIError):
    """422: the request is well-formed and cannot be carried out."""


class InsufficientFundsError(UnprocessableError):
    """The available balance does not cover the amount and the fee limit."""


class IdempotencyKeyReusedError(UnprocessableError):
    """The Idempotency-Key was used with a different request."""


class RateLimitError(APIError):
    """429: too many requests; `retry_after_s` has the delay."""


class ServerError(APIError):
    """5xx: the request may have been carried out; retry it with the same Idempotency-Key."""


class WebhookVerificationError(LNTPayError):
    """The webhook is not from LNTPay, or not from the last five minutes."""


class PaymentError(LNTPayError):
    """A request at a gate was not paid."""


class BudgetExceededError(PaymentError):
    """The price is above the budget of the client. Nothing was paid."""


class PaymentFailedError(PaymentError):
    """The payment failed finally. A payer raises it to state that nothing was and will be paid."""


_by_code: dict[str, type[APIError]] = {
    "insufficient_funds": InsufficientFundsError,
    "idempotency_key_reused": IdempotencyKeyReusedError,
}
_by_status: dict[int, type[APIError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableError,
    429: RateLimitError,
}


def error_class(status: int, code: str) -> type[APIError]:
    if code in _by_code:
        return _by_code[code]
    return _by_status.get(status, ServerError if status >= 500 else InvalidRequestError)
