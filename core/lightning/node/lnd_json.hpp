// What lnd's REST gateway writes: 64-bit integers as texts, bytes as base64 or, in some fields, as hex, errors bare in a unary
// answer and wrapped in a line of a stream. Pure functions over what came; what cannot be read is nullopt, never a guess.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/json_reader.hpp"
#include "core/lightning/node/node.hpp"
#include "core/storage/effect.hpp"

namespace lntpay::lnd {

/// lnd's own word on why not. Nearly every refusal has code 2, so that only the text tells them apart.
struct Refusal {
  std::uint64_t code = 0;
  std::string message;
};

/// A unary answer, or one line of a stream: an object, and what its `result` or `error` holds. Deeper things (HTLCs, routes) are
/// left out, so that a payment of many attempts costs no more than one of few.
std::optional<Json> read_message(std::string_view text);

std::optional<Refusal> refusal_in(const Json& message);

/// The refusal in short, for people, when the gateway or lnd says it before it looks at any payment: whoever was refused so has
/// started nothing. nullopt: a text that is not known, which may mean anything.
std::optional<std::string_view> definite_reason(const Refusal& refusal);

/// The update of a payment in one line of a stream; nullopt when the line has none for this hash. A SUCCEEDED that does not bring
/// the hash's preimage and a fee proves nothing: it counts as in flight, and `failure` says so.
std::optional<PaymentRecord> payment_in(const Json& message, const Bytes32& payment_hash);

/// An invoice of lnd's; nullopt when a member is missing or cannot be read.
std::optional<NodeInvoice> invoice_in(const Json& message, UnixMillis now);

/// The time of the next poll of an open invoice, for a host without the stream of invoices: soon while the invoice is new or has
/// just expired, then less and less often.
UnixMillis next_poll_at(UnixMillis created_at, UnixMillis expires_at, UnixMillis now);

/// Members of lnd's objects; the text is empty where there is none.
std::string_view text_in(const Json& object, std::string_view name);
std::optional<std::uint64_t> number_in(const Json& object, std::string_view name);

}  // namespace lntpay::lnd
