// What the API does with signing secrets, whatever row holds them: rotate, activate, retire.
#pragma once
#include <string>

#include "core/request/audit_trail.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/webhook/secret/signing_secrets.hpp"

namespace lntpay {

enum class SecretAct : std::uint8_t { rotate, activate, retire };

/// A row that holds signing secrets: an endpoint's, or a workspace's for its charges. An operation loads it, changes its secrets
/// and writes it; it loads it again when its commit conflicted. Afterwards it is as it was written.
class SecretHolder {
 public:
  virtual ~SecretHolder() = default;

  /// Fails with not_found when there is no such row, unless a rotation makes one.
  virtual Task<Result<>> load(Context& cx, SecretAct act) = 0;
  [[nodiscard]] virtual SigningSecrets& secrets() = 0;
  /// The id of the chosen active one.
  [[nodiscard]] virtual std::string& active() = 0;
  [[nodiscard]] virtual const TenantScope& tenant() const = 0;
  /// The row's key, which secrets are sealed under.
  [[nodiscard]] virtual std::string key() const = 0;
  virtual void write(WriteBatch& batch) const = 0;
  /// The API object. `shown`: a secret's text; null: left out.
  [[nodiscard]] virtual std::string json(UnixMillis now, const Secret* shown) const = 0;
  /// The note in the audit trail. `secret`: the id of the one that is added, activated or ended.
  [[nodiscard]] virtual Act note(SecretAct act, std::string_view secret) const = 0;
};

/// Adds a secret, and returns its text, which is never shown again. The former ones sign for `overlap` more, and the active one
/// stays active. The claim stores the JSON with the text. Fails with not_found, invalid_state (more than 3 would sign).
Task<Result<Secret>> rotate_held(Context& cx, SecretHolder& holder, Millis overlap, IdempotencyClaim claim);
/// Makes the newest secret the active one. Fails with not_found.
Task<Result<>> activate_held(Context& cx, SecretHolder& holder, IdempotencyClaim claim);
/// Ends a secret at once. Fails with not_found (also a secret that is not live), invalid_state (the only one).
Task<Result<>> retire_held(Context& cx, SecretHolder& holder, std::string id);

}  // namespace lntpay
