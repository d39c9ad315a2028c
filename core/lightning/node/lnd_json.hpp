// Parsing of lnd's REST responses: 64-bit integers are strings, bytes are base64 or, in some fields, hex; an error is the object of
// a unary response, and a member `error` in a line of a stream. Pure functions; nullopt for anything that cannot be read.
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

/// An error of lnd. Nearly all have code 2 and differ only in the text.
struct Refusal {
  std::uint64_t code = 0;
  std::string message;
};

/// A unary response, or one line of a stream: an object and the members of its `result` or `error`. Deeper values (HTLCs, routes)
/// are dropped, so that a payment of many attempts costs no more than one of few.
std::optional<Json> read_message(std::string_view text);

std::optional<Refusal> refusal_in(const Json& message);

/// A short reason for people if the gateway or lnd refused before any payment was started. nullopt: an unknown text, which may mean
/// anything.
std::optional<std::string_view> definite_reason(const Refusal& refusal);

/// The update of a payment in one line of a stream; nullopt if the line has none for this hash. A SUCCEEDED without the hash's
/// preimage and a fee is no proof: it counts as in flight, with the reason in `failure`.
std::optional<PaymentRecord> payment_in(const Json& message, const Bytes32& payment_hash);

/// An invoice of lnd's; nullopt when a member is missing or cannot be read.
std::optional<NodeInvoice> invoice_in(const Json& message, UnixMillis now);

/// The time of the next poll of an open invoice, for a host without the stream of invoices: soon while the invoice is new or has
/// just expired, then less and less often.
UnixMillis next_poll_at(UnixMillis created_at, UnixMillis expires_at, UnixMillis now);

/// Members of lnd's objects; an empty text or nullopt if missing.
std::string_view text_in(const Json& object, std::string_view name);
std::optional<std::uint64_t> number_in(const Json& object, std::string_view name);

}  // namespace lntpay::lnd
