// A request at a gate: does it pass, and if not, what is it told? One way for all forms: proxies that ask (/gate/{id}/…), hosts and
// edge functions (`gate` in the contract), and services that ask over the API.
#pragma once
#include "core/gate/challenge.hpp"
#include "core/gate/redemption.hpp"
#include "edge/engine/contract.hpp"

namespace lntpay {

/// A request that wants to pass.
struct Visit {
  RequestMatch resource;
  std::vector<Header> headers;  ///< Authorization, Cookie, Accept and X-Forwarded-Proto count
  std::string client;           ///< its address
};

struct Passed {
  Admission admission;
  std::string receipt;  ///< the value of Payment-Receipt
  Millis good_for{};  ///< so long the same request passes again, as far as its credential says: it is limited by time alone
};
struct Refused {
  Error why;                             ///< unauthenticated; redemption_in_progress
  bool showed_nothing = false;           ///< no credential at all: 402 rather than 401
  std::optional<HeldChallenge> held{};   ///< an unpaid challenge of this gate, for this resource, that the client holds
  bool no_credential = false;            ///< so a browser may be shown a page, and given a cookie
  std::vector<std::string> cookies{};    ///< values of Set-Cookie: which of a browser's cookies are good for nothing any more
  std::optional<Charge> paid_in_vain{};  ///< of a browser's cookie: money came, too late or too little
};
using Verdict = std::variant<Passed, Refused>;

/// Judges the visit, and claims a use. A claim is written only for one that passes. Fails with invalid_request when the gate does
/// not guard this resource; storage_unavailable.
Task<Result<Verdict>> judge(Context& cx, const GateAt& at, const Visit& visit, Claiming how, IdempotencyClaim claim = {});

/// `lntpay-redemption-id` and `lntpay-reservation` for the service, empty where no use is counted (a proxy puts them in place of
/// what the client sent under these names), and `payment-receipt` for the client.
std::vector<Header> pass_headers(const Passed& passed);

/// 402, 401 or 409.
std::uint16_t status_of(const Refused& refused);

/// What a refused client is told, as RFC 9457 has it: 402 or 401 with a challenge, or 409. Fails as `challenge`.
Task<Result<Response>> refusal_answer(Context& cx, const GateAt& at, const Visit& visit, Refused refused);

/// The same without a challenge, for a proxy that turns the client away itself.
Response plain_refusal(const Refused& refused);

}  // namespace lntpay
