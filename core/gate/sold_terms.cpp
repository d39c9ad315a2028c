// Composing terms.
#include "core/gate/sold_terms.hpp"

#include <algorithm>

namespace lntpay {

Millis credential_life(const Gate& gate) {
  if (gate.mode == GateMode::per_request) return credential_life_min;
  const auto pass = seconds(static_cast<std::int64_t>(gate.ttl_s));
  return gate.uses ? std::max(pass, credential_life_min) : pass;
}

SoldTerms sold_terms(const Gate& gate, const RequestMatch& resource) {
  const bool is_pass = gate.mode == GateMode::pass;
  return {.match = is_pass ? gate.match : resource,
          .mode = gate.mode,
          .uses = is_pass ? gate.uses : std::optional<std::uint64_t>(1),
          .life = credential_life(gate)};
}

Terms terms_for(const EnteredGate& at, const SoldTerms& sold, Msat price, UnixMillis invoice_expires_at) {
  const auto until_s = (invoice_expires_at + sold.life).value / 1'000;
  return {.environment = at.tenant.environment,
          .gate = at.gate.id,
          .match = sold.match,
          .price = price,
          .mode = sold.mode,
          .uses = sold.uses,
          .valid_until = UnixMillis{until_s * 1'000}};
}

}  // namespace lntpay
