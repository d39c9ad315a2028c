// Errors of an operation. One table gives each code its public name, HTTP status and default sentence.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "core/base/enum_names.hpp"

namespace lntpay {

/// The error codes of the API. The last two never leave the core.
enum class ErrorCode : std::uint8_t {
  invalid_request,
  bolt11_invalid,
  idempotency_key_required,
  idempotency_key_invalid,
  unauthenticated,
  insufficient_scopes,
  environment_mismatch,
  limit_exceeded,
  not_found,
  method_not_allowed,
  request_timeout,
  idempotency_in_progress,
  redemption_in_progress,
  invalid_state,
  payload_too_large,
  uri_too_long,
  unsupported_media_type,
  headers_too_large,
  insufficient_funds,
  bolt11_amount_mismatch,
  bolt11_expired,
  bolt11_expiry_too_far,
  bolt11_network_mismatch,
  self_payment,
  fee_limit_too_low,
  destination_unusable,
  idempotency_key_reused,
  balance_limit_exceeded,
  rate_limit_exceeded,
  internal_error,
  node_unavailable,
  price_unavailable,
  storage_unavailable,
  overloaded,
  conflict,         ///< a check of a commit did not hold: run the operation again from its first read
  lease_elsewhere,  ///< a due task is not due, is done, or another session holds its lease
};

template <>
inline constexpr auto enum_names<ErrorCode> = std::to_array<std::string_view>({"invalid_request",
                                                                               "bolt11_invalid",
                                                                               "idempotency_key_required",
                                                                               "idempotency_key_invalid",
                                                                               "unauthenticated",
                                                                               "insufficient_scopes",
                                                                               "environment_mismatch",
                                                                               "limit_exceeded",
                                                                               "not_found",
                                                                               "method_not_allowed",
                                                                               "request_timeout",
                                                                               "idempotency_in_progress",
                                                                               "redemption_in_progress",
                                                                               "invalid_state",
                                                                               "payload_too_large",
                                                                               "uri_too_long",
                                                                               "unsupported_media_type",
                                                                               "headers_too_large",
                                                                               "insufficient_funds",
                                                                               "bolt11_amount_mismatch",
                                                                               "bolt11_expired",
                                                                               "bolt11_expiry_too_far",
                                                                               "bolt11_network_mismatch",
                                                                               "self_payment",
                                                                               "fee_limit_too_low",
                                                                               "destination_unusable",
                                                                               "idempotency_key_reused",
                                                                               "balance_limit_exceeded",
                                                                               "rate_limit_exceeded",
                                                                               "internal_error",
                                                                               "node_unavailable",
                                                                               "price_unavailable",
                                                                               "storage_unavailable",
                                                                               "overloaded",
                                                                               "conflict",
                                                                               "lease_elsewhere"});
static_assert(enum_names<ErrorCode>.size() == static_cast<std::size_t>(ErrorCode::lease_elsewhere) + 1);
/// The codes that a response can have.
inline constexpr auto published_errors =
    std::span<const std::string_view>(enum_names<ErrorCode>).first(static_cast<std::size_t>(ErrorCode::conflict));

struct ErrorInfo {
  std::string_view name;
  std::uint16_t status;
  std::string_view sentence;
};

const ErrorInfo& info(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal_error;
  /// For people: what happened and what to do; empty = the table's sentence.
  std::string message{};
  /// The field or parameter at fault, if one is.
  std::string param{};
  /// A JSON object as text, or empty.
  std::string details{};
  /// Seconds for Retry-After; 0 = none.
  std::uint32_t retry_after_s = 0;
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message = {}, std::string param = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(param)});
}

inline std::unexpected<Error> unauthenticated(std::string message) { return fail(ErrorCode::unauthenticated, std::move(message)); }

/// A rule that only a defect of ours can break. Ends the operation, in release builds too, and names the rule ("I2 available is
/// never negative") in the log; a client sees `internal_error` without it.
inline Result<> invariant(bool holds, std::string_view rule) {
  if (holds) return {};
  return fail(ErrorCode::internal_error, "invariant broken: " + std::string(rule));
}

}  // namespace lntpay
