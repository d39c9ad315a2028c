// Redemption: a use of a payment is claimed for one request, then committed or released. core/gate/uses has the rules; here each
// step is one conditional write, so that one of several concurrent presentations wins.
//
// Uses are counted by payment hash, for every form of the credential. A redemption's id is derived from gate, payment hash and
// number of the use, so a service can detect that it serves a use twice (docs/gates.md, "Twice").
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/gate/credential.hpp"
#include "core/gate/gate.hpp"
#include "core/gate/payment_uses.hpp"

namespace lntpay {

/// Row `{shard}/redemption/{id}`. Never changed, never deleted.
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

/// From the claim. A response of the service that starts later is not sent.
inline constexpr Millis redemption_lease = minutes(2);

/// The admission of a request. In text: "rdm_….2", empty if uses are not counted.
struct Admission {
  std::optional<RedemptionId> redemption{};  ///< nullopt: a pass without a limit of uses
  std::uint64_t reservation = 0;
  std::optional<Msat> max_price{};  ///< of a metered use that is claimed; not in the text

  [[nodiscard]] std::string text() const;
  static std::optional<Admission> parse(std::string_view text);
};

enum class ClaimMode : std::uint8_t {
  reserve,     ///< the use is committed or released later
  commit,      ///< with the claim
  check_only,  ///< nothing is claimed: would it be?
};

/// A claim of a use for what.
struct ClaimRequest {
  RequestMatch resource;
  std::string query;  ///< for repeats alone
  ClaimMode how{};
  bool is_known = false;  ///< this instance let the same credential pass before
};

/// Claims a use of the payment, or repeats a committed one for the same request (reservation 0). The first claim asks the node
/// about the payment, if it is not credited yet. The idempotency claim stores `admission_json`. Fails with unauthenticated when all
/// uses are exhausted, or the payment opens other requests; redemption_in_progress, with retry_after_s, when the remaining uses are
/// being served.
Task<Result<Admission>> claim_redemption(Context& cx, const EnteredGate& at, Proof proof, ClaimRequest asked,
                                         IdempotencyClaim claim = {});

/// A redemption after a step.
struct SteppedRedemption {
  std::string json;              ///< the object `redemption` of the API (core/gate/redemption_object.hpp), with the status
  std::optional<Msat> price{};   ///< of a metered use that this step committed
  std::optional<Msat> credit{};  ///< of a metered payment: what is not spent
  bool may_redirect = false;     ///< before this step: a redirect within the gate may release a use of the payment
};

/// Commits the use, from any of its reservations: its request was served. Idempotent. `price`: of a metered use; it costs no more
/// than it reserved, and all of that without a price. Fails with not_found.
Task<Result<SteppedRedemption>> commit_redemption(Context& cx, Redemption redemption, IdempotencyClaim claim = {},
                                                  std::optional<Msat> price = {});
/// Opens the use again if this reservation holds it; else nothing changes. `opened_path`: a redirect led there, and the payment
/// opens it as well; nothing changes if the payment has no redirect left (`may_redirect`).
Task<Result<SteppedRedemption>> release_redemption(Context& cx, Redemption redemption, std::uint64_t reservation,
                                                   IdempotencyClaim claim = {}, std::optional<std::string> opened_path = {});
/// Whether the use is committed. Fails with not_found.
Task<Result<bool>> is_committed(Context& cx, Redemption redemption);

/// Fails with not_found.
Task<Result<Redemption>> find_redemption(Context& cx, RedemptionId id);

std::unexpected<Error> no_such_redemption();

}  // namespace lntpay
