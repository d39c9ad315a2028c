// Browsers at a gate. A browser does not receive the preimage that its user's wallet gets, so its challenge sets a cookie that
// grants access once the invoice is paid. The cookie is a token like the challenge's with a second HMAC under the gate's secret;
// only a request without a credential is given one, so an observed token cannot be turned into a cookie. Revocation ends cookies
// too. Each invoice has its own cookie: a new challenge does not replace one that may still be paid.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/charge/charge.hpp"
#include "core/gate/credential.hpp"
#include "core/gate/gate.hpp"

namespace lntpay {

/// Whether the request is from a browser: it accepts text/html explicitly.
bool is_browser(const std::vector<Header>& headers);

/// The value of Set-Cookie for a challenge's charge: HttpOnly, for the path and lifetime of the terms. `Secure` if
/// X-Forwarded-Proto is https, or is missing and base_url is https.
std::string browser_cookie(Context& cx, const EnteredGate& at, const Charge& charge, const Terms& terms,
                           const std::vector<Header>& headers);
/// The value of Set-Cookie that deletes the cookie of this payment for the path of that match.
std::string cleared_cookie(const EnteredGate& at, const Bytes32& payment_hash, const RequestMatch& match);

/// What an authentic cookie of this gate stands for.
struct BrowserProof {
  Proof proof;
  std::string_view cookie;  ///< its value, a view into the request's headers
  bool is_former = false;   ///< it is under a former secret of the gate (core/gate/revocation)
};
/// The proofs of the request's authentic, unexpired cookies for this gate, in order, at most browser_cookies_max. Their invoices
/// may be unpaid.
inline constexpr std::size_t browser_cookies_max = 8;
std::vector<BrowserProof> read_browser_cookies(Context& cx, const EnteredGate& at, const std::vector<Header>& headers);

/// A redirect within the gate opens a path to which the browser does not send its cookie: the response sets the same cookie for
/// that path as well. `movable_cookie`, of the request that passed: the path of its terms, and the value of Set-Cookie without a
/// Path. `moved_cookie` has the opened path; nullopt: there is no cookie, or the browser sends it there already, by the path of its
/// terms or because it sent it to `from`.
std::string movable_cookie(Context& cx, const EnteredGate& at, const BrowserProof& shown, const std::vector<Header>& headers);
std::optional<std::string> moved_cookie(std::string_view movable, const RequestMatch& from, const RequestMatch& to);

}  // namespace lntpay
