// A charge: an invoice whose payment credits the workspace. Rules: docs/money.md, "Charges".
//
//   creating -> pending -> paid | underpaid | expired | canceled;   expired, canceled -> paid_late | underpaid
//
// A `creating` charge has a separate row (`…/charge_new/{id}`) and is not visible: its finder and due row exist, and the node may
// have the invoice. All other states are in `…/charge/{id}`.
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
  underpaid,  ///< settled with less than its amount or its minimum: credited, but does not unlock
  expired,
  canceled,
  paid_late
};
template <>
inline constexpr auto enum_names<ChargeStatus> =
    std::to_array<std::string_view>({"creating", "pending", "paid", "underpaid", "expired", "canceled", "paid_late"});

/// The effect of a payment after the charge has ended. It is always credited.
enum class LatePolicy : std::uint8_t {
  credit,
  credit_and_unlock,  ///< and treated as paid in time
};
template <>
inline constexpr auto enum_names<LatePolicy> = std::to_array<std::string_view>({"credit", "credit_and_unlock"});

/// What a payer who chooses the amount is expected to pay. Any payment is credited.
struct AmountBounds {
  std::optional<Msat> min{};
  std::optional<Msat> max{};
};

struct Charge {
  static constexpr int row_version = 5;
  static constexpr row::Earlier earlier_rows[] = {{.version = 3, .fields = 18}, {.version = 4, .fields = 22}};
  ChargeId id;
  ChargeStatus status{};
  std::optional<Msat> amount;  ///< nullopt: the payer chooses it
  std::string description;     ///< with a description_hash: what it was made from; empty if that is not known
  std::optional<Bytes32> description_hash;
  std::string external_id;  ///< the user's own; empty = none
  std::string metadata;     ///< the user's JSON object as received; empty = none
  std::string success_url;  ///< the checkout page redirects here once paid; empty = none
  std::string webhook_url;  ///< its end is posted there (core/webhook/delivery/charge_target); empty = none
  LatePolicy late_policy{};
  Bytes32 payment_hash{};
  std::string sealed_preimage;
  std::string bolt11;
  UnixMillis created_at;
  UnixMillis expires_at;
  std::optional<UnixMillis> paid_at;
  Msat settled;                      ///< the amount received
  UnixMillis due_at;                 ///< of its due row; after the end: of its last one
  std::string cancel_url;            ///< the checkout page leads back here while it is unpaid; empty = none
  bool renewable = false;            ///< once it has expired, the checkout page can make a new one (charge_renewal.hpp)
  std::optional<ChargeId> renews{};  ///< the expired charge that it was made from
  std::string gate_terms;            ///< of a gate's challenge: what it sells (core/gate/sold_terms); empty = none
  AmountBounds bounds{};             ///< without an amount: what is expected
  Msat refunded;                     ///< by refunds that have not failed (core/withdrawal/refund.hpp)

  auto fields(this auto& self) {
    return std::tie(self.id, self.status, self.amount, self.description, self.description_hash, self.external_id, self.metadata,
                    self.payment_hash, self.sealed_preimage, self.bolt11, self.created_at, self.expires_at, self.paid_at,
                    self.settled, self.due_at, self.success_url, self.late_policy, self.webhook_url, self.cancel_url,
                    self.renewable, self.renews, self.gate_terms, self.bounds.min, self.bounds.max, self.refunded);
  }
};

/// Only a late payment can change it.
constexpr bool is_final(ChargeStatus status) { return status != ChargeStatus::creating && status != ChargeStatus::pending; }

/// Whether it was credited.
constexpr bool has_money(ChargeStatus status) {
  return status == ChargeStatus::paid || status == ChargeStatus::underpaid || status == ChargeStatus::paid_late;
}

/// The least that pays the charge: its amount, or its minimum; 1 msat where the payer may choose anything.
constexpr Msat least_of(const Charge& charge) { return charge.amount.value_or(charge.bounds.min.value_or(Msat{1})); }

/// Whether it was credited with an amount outside its bounds.
constexpr bool is_outside_bounds(const Charge& charge) {
  const auto& [min, max] = charge.bounds;
  return has_money(charge.status) && ((min && charge.settled < *min) || (max && charge.settled > *max));
}

/// Whether the payer is entitled to the purchase: paid in time, or late with `credit_and_unlock`.
constexpr bool unlocks(const Charge& charge) {
  return charge.status == ChargeStatus::paid ||
         (charge.status == ChargeStatus::paid_late && charge.late_policy == LatePolicy::credit_and_unlock);
}

std::string charge_key(const TenantScope& tenant, const ChargeId& id);
std::string new_charge_key(const TenantScope& tenant, const ChargeId& id);

/// Index prefixes: one empty row for each charge, whose key ends with its id.
std::string charges_by_status(const TenantScope& tenant, ChargeStatus status);
std::string charges_by_external_id(const TenantScope& tenant, std::string_view external_id);
/// Beside them, of metadata: core/tenant/metadata_index.hpp.
inline constexpr std::string_view charge_indexes = "charge_by";
/// For the commit that publishes a charge, and for one that changes its status.
void put_indexes(WriteBatch& batch, const TenantScope& tenant, const Charge& charge);
void move_indexes(WriteBatch& batch, const TenantScope& tenant, const Charge& before, const Charge& after);

/// Moves the charge's due row; the caller writes the charge's row in the same batch.
void move_due_row(Context& cx, WriteBatch& batch, const TenantScope& tenant, Charge& charge, UnixMillis at);
/// As `move_due_row`, to the end of a lease on the host's clock, which the sandbox clock does not move.
void lease_due_row(Context& cx, WriteBatch& batch, const TenantScope& tenant, Charge& charge, UnixMillis until);
void remove_due_row(const Context& cx, WriteBatch& batch, const TenantScope& tenant, const Charge& charge);

/// Row in the hash's shard that finds a charge by its payment hash; never deleted.
struct ChargeFinder {
  static constexpr int row_version = 1;
  WorkspaceId workspace;
  ChargeId charge;
  auto fields(this auto& self) { return std::tie(self.workspace, self.charge); }
};
std::string finder_key(Environment environment, const Bytes32& payment_hash);

/// The object of the API and of events. Never contains the preimage.
std::string charge_json(const Settings& settings, const Charge& charge, const TenantScope& tenant);

}  // namespace lntpay
