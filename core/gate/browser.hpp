// Browsers at a gate. A browser never learns the preimage that a wallet got, so its challenge comes with a cookie: once the invoice
// is paid, that browser is let in by it, and nobody else. The cookie is the challenge's token under a second HMAC of the gate's
// secret, which stands nowhere but in the cookie; a revocation ends it with the rest.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/charge/charge.hpp"
#include "core/gate/credential.hpp"
#include "core/gate/gate.hpp"

namespace lntpay {

/// Whether this is a person's browser: it asks for text/html by name.
bool is_browser(const std::vector<Header>& headers);

/// The value of Set-Cookie for a challenge's charge: HttpOnly, for what the terms open on this host, until they are over.
std::string browser_cookie(Context& cx, const GateAt& at, const Charge& charge, const Terms& terms);

/// What the request's cookie for this gate would prove if its invoice were paid; nullopt: it has none that we made, or it is over.
std::optional<Proof> read_browser_cookie(Context& cx, const GateAt& at, const std::vector<Header>& headers);

/// Whether the charge of this hash was paid as it should be. Fails with storage_unavailable.
Task<Result<bool>> is_paid_for(Context& cx, const GateAt& at, Bytes32 payment_hash);

}  // namespace lntpay
