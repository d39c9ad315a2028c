// What the credentials of one request present together at a gate.
//
// Clients send one payment in several ways at once: the same token as L402 and as LSAT, or both schemes of a challenge. Tokens of
// other gates count as none, because clients keep tokens by host.
#pragma once
#include <optional>
#include <vector>

#include "core/gate/credential.hpp"
#include "core/gate/gate.hpp"

namespace lntpay {

struct PresentedCredential {
  IssuedCredential issued;
  bool is_former = false;  ///< it is under a former secret of the gate (core/gate/revocation)
};

/// The credential that this gate issued, opened: of the same payment if there are several, and the same token if several are L402.
/// nullopt: there is none of this gate. Fails with unauthenticated: malformed, forged, changed, or of different payments.
Result<std::optional<PresentedCredential>> open_presented(const std::vector<CredentialText>& shown, const EnteredGate& at);

}  // namespace lntpay
