// Redemption: a use of a payment is claimed for one request, and then committed or released. What may follow what is decided in
// core/gate/uses; here it meets the store: each step is one conditional write, so of racing presentations one wins.
//
// Uses are counted by payment hash, whatever form the credential has. A redemption's id follows from gate, payment hash and number
// of the use, so that a service which is asked twice for one use can tell (docs/gates.md, "Twice").
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/gate/credential.hpp"
#include "core/gate/gate.hpp"
#include "core/gate/uses.hpp"

namespace lntpay {

/// Row `{tenant}/uses/{payment hash}`
struct PaymentUses {
  static constexpr int row_version = 2;
  Uses uses;
  GateCommit commit{};  ///< of the gate, when the first use was claimed: that of all of them
  auto fields(this auto& self) { return std::tie(self.uses.begun, self.uses.reservations, self.uses.open, self.commit); }
};
std::string uses_key(const TenantScope& tenant, const Bytes32& payment_hash);

/// Row `{shard}/redemption/{id}`: what the id stands for. Never changed, never deleted.
struct Redemption {
  static constexpr int row_version = 1;
  RedemptionId id;
  TenantScope tenant{};
  GateId gate;
  GateCommit commit{};  ///< of the payment
  Bytes32 payment_hash{};
  std::uint64_t use = 0;

  auto fields(this auto& self) {
    return std::tie(self.id, self.tenant.environment, self.tenant.workspace, self.tenant.generation, self.gate, self.commit,
                    self.payment_hash, self.use);
  }
};
std::string redemption_key(const RedemptionId& id);

/// From its claim on; the answer of the service must begin before, or it is not sent.
inline constexpr Millis redemption_lease = minutes(2);

/// What a request that may pass carries. In text: "rdm_….2", empty where nothing is counted.
struct Admission {
  std::optional<RedemptionId> redemption{};  ///< nullopt: a pass that is limited by time alone
  std::uint64_t reservation = 0;

  [[nodiscard]] std::string text() const;
  static std::optional<Admission> parse(std::string_view text);
};

enum class Claiming : std::uint8_t {
  reserve,  ///< the use is committed or released later
  commit,   ///< with the claim
  look,     ///< nothing is claimed: would it be?
};

/// Claims a use of what was paid; a claim gets `admission_json`. Fails with unauthenticated when all are over;
/// redemption_in_progress, with the time to come again, when those that are left are being served.
Task<Result<Admission>> claim_redemption(Context& cx, const GateAt& at, Proof proof, Claiming how, IdempotencyClaim claim = {});

/// Commits the use, whichever reservation asks: its request was served. Again it is the same. Yields the redemption as JSON:
/// {"id","object":"redemption","gate_id","payment_hash","use","status":"reserved|committed|released","environment"}.
/// Fails with not_found.
Task<Result<std::string>> commit_redemption(Context& cx, Redemption redemption, IdempotencyClaim claim = {});
/// Opens the use again, if this reservation holds it; else nothing changes, as the yielded status tells.
Task<Result<std::string>> release_redemption(Context& cx, Redemption redemption, std::uint64_t reservation,
                                             IdempotencyClaim claim = {});

/// Fails with not_found.
Task<Result<Redemption>> find_redemption(Context& cx, RedemptionId id);

}  // namespace lntpay
