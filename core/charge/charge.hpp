// A charge: an invoice whose payment credits the workspace. Rules: docs/money.md, "Charges".
//
//   creating -> pending -> paid | underpaid | expired | canceled;   expired, canceled -> paid_late | underpaid
//
// `creating` is a row of its own room (`…/charge_new/{id}`), so that nobody sees it: the finder row and the due task exist,
// the node may or may not have the invoice. The other states live in `…/charge/{id}`.
#pragma once
#include <array>
#include <optional>
#include <string>

#include "core/storage/row.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

enum class ChargeStatus : std::uint8_t {
  creating,
  pending,
  paid,
  underpaid,  ///< settled with less than its amount: credited, and nothing is unlocked by it
  expired,
  canceled,
  paid_late
};
template <>
inline constexpr auto enum_names<ChargeStatus> =
    std::to_array<std::string_view>({"creating", "pending", "paid", "underpaid", "expired", "canceled", "paid_late"});

/// What money does that comes after the charge has ended: it is always credited.
enum class LatePolicy : std::uint8_t {
  credit,
  credit_and_unlock,  ///< and counts as a payment in time
};
template <>
inline constexpr auto enum_names<LatePolicy> = std::to_array<std::string_view>({"credit", "credit_and_unlock"});

struct Charge {
  static constexpr int row_version = 2;
  ChargeId id;
  ChargeStatus status{};
  Msat amount;
  std::string description;  ///< empty when only its hash is in the invoice
  std::optional<Bytes32> description_hash;
  std::string external_id;  ///< the user's own; empty = none
  std::string metadata;     ///< the user's JSON object as it came; empty = none
  std::string success_url;  ///< where the checkout page goes on once it is paid; empty = nowhere
  LatePolicy late_policy{};
  Bytes32 payment_hash{};
  std::string sealed_preimage;
  std::string bolt11;
  UnixMillis created_at;
  UnixMillis expires_at;
  std::optional<UnixMillis> paid_at;
  Msat settled;       ///< what was paid
  UnixMillis due_at;  ///< when its due row stands; once nothing is due any more: when it last stood

  auto fields(this auto& self) {
    return std::tie(self.id, self.status, self.amount, self.description, self.description_hash, self.external_id, self.metadata,
                    self.payment_hash, self.sealed_preimage, self.bolt11, self.created_at, self.expires_at, self.paid_at,
                    self.settled, self.due_at, self.success_url, self.late_policy);
  }
};

/// Nothing but late money changes it any more.
constexpr bool is_final(ChargeStatus status) { return status != ChargeStatus::creating && status != ChargeStatus::pending; }

/// It was credited.
constexpr bool has_money(ChargeStatus status) {
  return status == ChargeStatus::paid || status == ChargeStatus::underpaid || status == ChargeStatus::paid_late;
}

/// What it was for is due: paid in time, or late where late money counts.
constexpr bool unlocks(const Charge& charge) {
  return charge.status == ChargeStatus::paid ||
         (charge.status == ChargeStatus::paid_late && charge.late_policy == LatePolicy::credit_and_unlock);
}

std::string charge_key(const TenantScope& tenant, const ChargeId& id);
std::string new_charge_key(const TenantScope& tenant, const ChargeId& id);

/// Index rows: prefixes below which there is an empty row for each charge, its id the last part of the key.
std::string charges_by_status(const TenantScope& tenant, ChargeStatus status);
std::string charges_by_external_id(const TenantScope& tenant, std::string_view external_id);
/// In the commit that publishes a charge, and in the one that changes its status.
void put_indexes(WriteBatch& batch, const TenantScope& tenant, const Charge& charge);
void move_indexes(WriteBatch& batch, const TenantScope& tenant, const Charge& before, const Charge& after);

/// The due row of a charge; the caller writes the charge's row in the same batch.
void move_watch(Context& cx, WriteBatch& batch, const TenantScope& tenant, Charge& charge, UnixMillis at);
/// As `move_watch`, to the end of a lease: it stays there when the workspace's clock is moved.
void lease_watch(Context& cx, WriteBatch& batch, const TenantScope& tenant, Charge& charge, UnixMillis until);
void end_watch(const Context& cx, WriteBatch& batch, const TenantScope& tenant, const Charge& charge);

/// The row that finds a charge by its payment hash, in the hash's shard; never deleted.
struct ChargeFinder {
  static constexpr int row_version = 1;
  WorkspaceId workspace;
  ChargeId charge;
  auto fields(this auto& self) { return std::tie(self.workspace, self.charge); }
};
std::string finder_key(Environment environment, const Bytes32& payment_hash);

/// The charge as the API shows it and as events carry it. Never the preimage.
std::string charge_json(const Settings& settings, const Charge& charge, const TenantScope& tenant);

}  // namespace lntpay
