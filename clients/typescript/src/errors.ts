// What the client throws. An APIError is the API's own refusal; a ConnectionError means that no usable response came.

export class LNTPayError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The members that every failed request has. */
export interface FailedRequest {
  /** Of a write: send the same request with this key again, and it is executed once. */
  readonly idempotencyKey?: string;
  /** Whether the request may have been executed although it failed. */
  readonly outcomeUnknown: boolean;
}

interface Refusal {
  status: number;
  code: string;
  message: string;
  requestId?: string;
  param?: string;
  details?: Record<string, unknown>;
  retryAfterSeconds?: number;
  idempotencyKey?: string;
}

/** The API refused the request: `code` is one of the published error codes. */
export class APIError extends LNTPayError implements FailedRequest {
  readonly status: number;
  readonly code: string;
  readonly requestId?: string;
  /** The field that was refused. */
  readonly param?: string;
  readonly details?: Record<string, unknown>;
  readonly retryAfterSeconds?: number;
  readonly idempotencyKey?: string;

  constructor({ message, ...refusal }: Refusal) {
    super(message);
    this.status = refusal.status;
    this.code = refusal.code;
    for (const [name, value] of Object.entries(refusal)) if (value !== undefined) Object.assign(this, { [name]: value });
  }

  get outcomeUnknown(): boolean {
    return this.idempotencyKey !== undefined && (this.status >= 500 || this.code === 'idempotency_in_progress');
  }

  /** The error of a status, as the class that callers catch. */
  static of(refusal: Refusal): APIError {
    if (refusal.code === 'insufficient_funds') return new InsufficientFundsError(refusal);
    const byStatus: Record<number, typeof APIError> = {
      401: AuthenticationError,
      403: PermissionError,
      404: NotFoundError,
      409: ConflictError,
      422: UnprocessableError,
      429: RateLimitError,
    };
    return new (byStatus[refusal.status] ?? (refusal.status >= 500 ? ServerError : InvalidRequestError))(refusal);
  }
}

/** 400 and others of its kind: the request itself is wrong. */
export class InvalidRequestError extends APIError {}
/** 401: the key is unknown, malformed, expired or revoked. */
export class AuthenticationError extends APIError {}
/** 403: a scope is missing (`details.missing`), the key is of the other environment, or a limit of the key. */
export class PermissionError extends APIError {}
/** 404 */
export class NotFoundError extends APIError {}
/** 409: the object's state does not allow this now, or the same request is still executed. */
export class ConflictError extends APIError {}
/** 422: the rules of money refuse it. */
export class UnprocessableError extends APIError {}
/** 422 `insufficient_funds` */
export class InsufficientFundsError extends UnprocessableError {}
/** 429: `retryAfterSeconds` */
export class RateLimitError extends APIError {}
/** 5xx */
export class ServerError extends APIError {}

/** No response came, or not all of one. */
export class ConnectionError extends LNTPayError implements FailedRequest {
  readonly idempotencyKey?: string;

  constructor(message: string, { idempotencyKey, cause }: { idempotencyKey?: string | undefined; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    if (idempotencyKey !== undefined) this.idempotencyKey = idempotencyKey;
  }

  get outcomeUnknown(): boolean {
    return this.idempotencyKey !== undefined;
  }
}

/** No complete response within the time limit. */
export class TimeoutError extends ConnectionError {}

/** A response that is not LNTPay's: HTML of a proxy, a redirect, a truncated body, another object than the one asked for. */
export class UnexpectedResponseError extends ConnectionError {
  readonly status: number;
  constructor(status: number, problem: string, idempotencyKey?: string) {
    super(`Not a response of LNTPay (status ${status}): ${problem}`, { idempotencyKey });
    this.status = status;
  }
}

/** The webhook is not to be trusted: answer 400. */
export class WebhookVerificationError extends LNTPayError {}

/** A paid request was not paid for, or its payment did not open it. */
export class PaymentError extends LNTPayError {
  /** `budget`: nothing was paid. `unknown`: the payment may have been made. */
  readonly reason: 'budget' | 'challenge' | 'not_paid' | 'unknown' | 'refused';
  readonly paymentHash?: string;

  constructor(reason: PaymentError['reason'], message: string, { paymentHash, cause }: { paymentHash?: string; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    if (paymentHash !== undefined) this.paymentHash = paymentHash;
  }
}
