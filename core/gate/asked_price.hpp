// Prices that depend on the request: a gate with a `price_url` asks that URL what a request costs.
//
//   POST https://shop.example/price   {"gate_id":"gate_…","method":"POST","path":"/search","size":1200}   (size: null if it is
//   unknown) 200, Cache-Control: max-age=60    {"price_sats":21}                                                    (1 up to the
//   gate's price_sats)
//
// The price is a term of the token that is sold, and the size that it was asked for is another: what was sold for a small body
// opens no larger one that is dearer. What the payer was quoted holds, whatever the URL answers later. An answer is kept for as
// long as its max-age has it, in this instance. Without a good answer nothing is sold and nothing is free: 503.
#pragma once
#include "core/gate/gate.hpp"
#include "core/gate/sold_terms.hpp"

namespace lntpay {

inline constexpr std::uint32_t price_timeout_ms = 5'000;

/// The request and what it costs now. Fails with price_unavailable and a Retry-After; its message has the reason for callers with a
/// key.
Task<Result<Quote>> quote_for(Context& cx, const EnteredGate& at, RequestMatch resource, std::optional<std::uint64_t> size);

/// Whether the terms pay for the request at the gate's prices: they were sold for it, or it costs no more than they did. Fails as
/// `quote_for`.
Task<Result<bool>> covers_price(Context& cx, const EnteredGate& at, Terms terms, RequestMatch resource,
                                std::optional<std::uint64_t> size);

/// Whether a gate of this environment may ask the URL. Fails with invalid_request.
Result<> check_price_url(const Context& cx, const TenantScope& tenant, std::string_view url);

/// How long an answer with these headers is kept: the max-age of its Cache-Control, up to a day; not at all with no-store or
/// no-cache.
Millis kept_for(const std::vector<Header>& headers);

}  // namespace lntpay
