// Composing terms.
#include "core/gate/sold_terms.hpp"

#include <algorithm>

namespace lntpay {

Millis credential_life(const Gate& gate) {
  if (gate.mode == GateMode::per_request) return credential_life_min;
  const auto pass = seconds(static_cast<std::int64_t>(gate.ttl_s));
  return gate.uses || gate.mode == GateMode::metered ? std::max(pass, credential_life_min) : pass;
}

SoldTerms sold_terms(const Gate& gate, const Quote& quote) {
  const bool is_for_many = gate.mode != GateMode::per_request;
  return {.match = is_for_many ? gate.match : quote.resource,
          .mode = gate.mode,
          .uses = is_for_many ? gate.uses : std::optional<std::uint64_t>(1),
          .life = credential_life(gate),
          .size = is_for_many ? std::nullopt : quote.size};
}

Terms terms_for(const EnteredGate& at, const SoldTerms& sold, Msat price, UnixMillis invoice_expires_at) {
  const auto until_s = (invoice_expires_at + sold.life).value / 1'000;
  return {.environment = at.tenant.environment,
          .gate = at.gate.id,
          .match = sold.match,
          .price = price,
          .mode = sold.mode,
          .uses = sold.uses,
          .valid_until = UnixMillis{until_s * 1'000},
          .size = sold.size};
}

}  // namespace lntpay
