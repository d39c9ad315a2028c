// Which header lines of a request are credentials for gates, and what the service behind the gate gets in their place. Hosts strip
// by this function alone (`passage` of wit/edge.wit).
//
//   Authorization: LSAT <token>:<preimage>              one line or several, of one credential or more
//   Authorization: Bearer <key>, L402 <token>:<preimage>   lines folded into one: the Bearer stays
//   Payment-Authorization: Payment <base64url>          then Authorization is the service's own, whatever it holds
//   Macaroon: <hex>, Grpc-Metadata-Macaroon: <hex>      a token of this product's form, with a caveat `preimage=<hex>`
//   Cookie: lntpay_gate_…=…                             of a browser (core/gate/browser)
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/storage/effect.hpp"

namespace lntpay {

/// How the text of a credential is read.
enum class CredentialForm : std::uint8_t {
  l402,      ///< <base64 macaroon>:<hex preimage>
  payment,   ///< <base64url JSON>
  macaroon,  ///< <hex macaroon>, which contains the preimage
};

struct CredentialText {
  CredentialForm form{};
  std::string_view text;  ///< after the scheme's word
  bool operator==(const CredentialText&) const = default;
};

struct CredentialHeaders {
  std::vector<CredentialText> credentials;  ///< views into the request's headers, each once
  std::vector<Header> rest;                 ///< to forward in place of the lines named below
};
CredentialHeaders read_credential_headers(const std::vector<Header>& headers);

/// The lines that `rest` replaces. A client's own receipt is not forwarded either.
inline constexpr std::string_view credential_header_names[] = {
    "authorization", "payment-authorization", "macaroon", "grpc-metadata-macaroon", "cookie", "payment-receipt"};

/// Names of browsers' cookies begin with this.
inline constexpr std::string_view gate_cookie_prefix = "lntpay_gate_";

}  // namespace lntpay
