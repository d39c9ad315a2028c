// What a gate sells with one challenge: terms whose time begins when the invoice is made. The charge's row keeps them
// (`Charge::gate_terms`), so that a held challenge is offered again only for the same terms, and so that a credential under a
// former secret passes on terms that were sold.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/gate/gate.hpp"

namespace lntpay {

/// A paid credential is valid for at least this long after the invoice expires.
inline constexpr Millis credential_life_min = hours(1);

/// How long after its invoice's expiry a credential of this gate is valid, so that one that is paid at the last moment has all of
/// its time. Without a limit of uses a pass is valid for no longer than sold.
Millis credential_life(const Gate& gate);

/// A request and what it costs at a gate.
struct Quote {
  RequestMatch resource;
  Msat price;
  std::optional<std::uint64_t> size{};  ///< of its body, where the price depends on it and it is known
};

struct SoldTerms {
  static constexpr int row_version = 2;
  static constexpr row::Earlier earlier_rows[] = {{.version = 1, .fields = 5}};
  RequestMatch match;
  GateMode mode{};
  std::optional<std::uint64_t> uses{};
  Millis life;
  std::optional<std::uint64_t> size{};
  auto fields(this auto& self) {
    return std::tie(self.match.method, self.match.path, self.mode, self.uses, self.life.value, self.size);
  }
};

/// The terms that the gate sells today for this request.
SoldTerms sold_terms(const Gate& gate, const Quote& quote);

/// The terms of a challenge whose invoice expires at that time.
Terms terms_for(const EnteredGate& at, const SoldTerms& sold, Msat price, UnixMillis invoice_expires_at);

}  // namespace lntpay
