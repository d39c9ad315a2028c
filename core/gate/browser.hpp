// Browsers at a gate. A browser never learns the preimage that a wallet got, so its challenge comes with a cookie: once the invoice
// is paid, that browser is let in by it. The cookie is a token like the challenge's, under a second HMAC of the gate's secret,
// which stands nowhere else; only a request that showed no credential is given one, so a token that somebody saw buys no cookie. A
// revocation ends it with the rest. Each invoice has a cookie of its own: a new challenge takes none away that may be paid.
#pragma once
#include <string>
#include <vector>

#include "core/charge/charge.hpp"
#include "core/gate/credential.hpp"
#include "core/gate/gate.hpp"

namespace lntpay {

/// Whether this is a person's browser: it asks for text/html by name.
bool is_browser(const std::vector<Header>& headers);

/// The value of Set-Cookie for a challenge's charge: HttpOnly, for what the terms open on this host, until they are over. `Secure`
/// where the proxy in front says https (X-Forwarded-Proto), or nothing and our own address is.
std::string browser_cookie(Context& cx, const EnteredGate& at, const Charge& charge, const Terms& terms,
                           const std::vector<Header>& headers);
/// The value of Set-Cookie that takes it away again.
std::string cleared_cookie(const EnteredGate& at, const Proof& proof);

/// What the request's cookies for this gate would prove if their invoices were paid: those that we made and that are not over, in
/// the order in which they came, and at most browser_cookies_max.
inline constexpr std::size_t browser_cookies_max = 8;
std::vector<Proof> read_browser_cookies(Context& cx, const EnteredGate& at, const std::vector<Header>& headers);

/// The charge of a challenge of this gate's workspace; nullopt where it is gone. Fails with storage_unavailable.
Task<Result<std::optional<Charge>>> challenged_charge(Context& cx, const EnteredGate& at, Bytes32 payment_hash);

}  // namespace lntpay
