// A request that passes: how a host forwards it, and what ends its use.
#pragma once
#include "core/gate/use_end.hpp"
#include "edge/contract/contract.hpp"
#include "edge/gate/gate_check.hpp"

namespace lntpay {

/// What a host returns with `redeemed`, in text: "rdm_….2 GET shop.example /reports/7 <challenge id>"; "-" for what is empty; and
/// the cookie, if there is one.
struct OpenPassage {
  Admission admission;
  ServedRequest request;
  std::string challenge_id;
  std::string cookie{};  ///< `movable_cookie` of a browser (core/gate/browser.hpp)

  [[nodiscard]] std::string text() const;
  static std::optional<OpenPassage> parse(std::string_view text);
};

/// How the host forwards this request.
Passage passage_of(const Context& cx, const Visit& visit, const Passed& passed);
/// A preflight that the service answers itself.
Passage preflight_passage(const Visit& visit);

/// `lntpay-redemption-id` and `lntpay-reservation` for the service, empty where no use is counted (a proxy replaces the client's
/// headers of these names), and `payment-receipt` for the client, where the use is committed or none is counted.
std::vector<Header> authorization_headers(const Context& cx, const Passed& passed, ClaimMode how);

/// Ends the use by the service's response. Yields the headers for the client's response: the receipt of a committed use; of a
/// metered use that this ends `lntpay-price`, what it cost, and `lntpay-credit`, what is left.
Task<Result<std::vector<Header>>> end_passage(Context& cx, OpenPassage open, ProtectedResponse response);

}  // namespace lntpay
