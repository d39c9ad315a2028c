// Opening each credential under the gate's secrets, and comparing them.
#include "core/gate/presented.hpp"

namespace lntpay {
namespace {

struct OpenedCredential {
  Credential credential;
  PresentedCredential presented;
};

/// nullopt: of another gate.
Result<std::optional<OpenedCredential>> open_under_any(const CredentialText& shown, const EnteredGate& at) {
  auto credential = read_credential(shown);
  if (!credential) return std::unexpected(std::move(credential.error()));
  if (!names_gate(*credential, at.gate.id.text())) return std::nullopt;
  auto issued = open_credential(*credential, at.secret.reveal());
  if (issued) return OpenedCredential{std::move(*credential), {std::move(*issued)}};
  for (const auto& former : at.former_secrets) {
    auto under_former = open_credential(*credential, former.reveal());
    if (under_former) return OpenedCredential{std::move(*credential), {std::move(*under_former), true}};
  }
  return std::unexpected(std::move(issued.error()));
}

bool is_same_payment(const OpenedCredential& a, const OpenedCredential& b) {
  const auto& one = a.presented.issued;
  const auto& other = b.presented.issued;
  if (one.proof.payment_hash != other.proof.payment_hash || one.preimage != other.preimage) return false;
  const auto* token = std::get_if<L402Credential>(&a.credential);
  const auto* another = std::get_if<L402Credential>(&b.credential);
  return token == nullptr || another == nullptr || token->macaroon.binary() == another->macaroon.binary();
}

}  // namespace

Result<std::optional<PresentedCredential>> open_presented(const std::vector<CredentialText>& shown, const EnteredGate& at) {
  std::optional<OpenedCredential> first;
  for (const auto& each : shown) {
    auto opened = open_under_any(each, at);
    if (!opened) return std::unexpected(std::move(opened.error()));
    if (!*opened) continue;
    if (first && !is_same_payment(*first, **opened))
      return fail(ErrorCode::unauthenticated, "The request has credentials of different payments. Send one.");
    if (!first) first = std::move(*opened);
  }
  if (!first) return std::nullopt;
  return std::move(first->presented);
}

}  // namespace lntpay
