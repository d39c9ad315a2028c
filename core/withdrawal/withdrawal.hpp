// A withdrawal: an invoice paid out of the workspace's available balance. Rules: docs/money.md, "Withdrawals".
//
//   claiming -> pending -> dispatched -> succeeded | failed
//   claiming -> abandoned;   pending -> failed (canceled);   dispatched -> unknown -> …;   any open one -> needs_review
//
// `claiming` and `abandoned` are shown to nobody: nothing is locked yet, or was ever. From `pending` to the end the ledger holds
// amount and fee limit in `locked`.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/secp256k1.hpp"
#include "core/ledger/ledger_entry.hpp"
#include "core/lightning/node/node.hpp"
#include "core/storage/row.hpp"
#include "core/tenant/due_work.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

enum class WithdrawalStatus : std::uint8_t {
  claiming,
  pending,
  dispatched,
  unknown,
  needs_review,
  succeeded,
  failed,
  abandoned,
};
template <>
inline constexpr auto enum_names<WithdrawalStatus> = std::to_array<std::string_view>(
    {"claiming", "pending", "dispatched", "unknown", "needs_review", "succeeded", "failed", "abandoned"});

/// What became of one send. `open`: its answer was not seen, so it may still start something.
enum class SendState : std::uint8_t { open, refused, known, finished };
template <>
inline constexpr auto enum_names<SendState> = std::to_array<std::string_view>({"open", "refused", "known", "finished"});

/// Whose word ended it.
enum class EndedBy : std::uint8_t { nobody, node, client, operator_token };
template <>
inline constexpr auto enum_names<EndedBy> = std::to_array<std::string_view>({"nobody", "node", "client", "operator"});

/// What a withdrawal may cost. The fee limit that is locked is the one that the node is given: there is no other.
struct Reservation {
  Msat amount;
  Msat fee_limit;
  [[nodiscard]] Msat total() const { return {amount.value + fee_limit.value}; }  // each is at most 21 million bitcoin
};

struct Withdrawal {
  static constexpr int row_version = 2;
  WithdrawalId id;
  WithdrawalStatus status{};
  std::uint32_t attempt = 1;  ///< grows with every claim of the payment hash
  std::string bolt11;
  Bytes32 payment_hash{};
  Reservation reserved;
  bool amount_stated = true;  ///< by the invoice
  UnixMillis invoice_expires_at;
  std::string external_id;  ///< the user's own; empty = none
  std::string metadata;     ///< the user's JSON object as it came; empty = none
  KeyId key;                ///< who asked
  UnixMillis created_at;
  UnixMillis due_at;  ///< when its due row stands

  // What was sent. Written before the first byte leaves.
  std::optional<UnixMillis> dispatched_at;  ///< the marker
  std::string node;                         ///< who was told to pay: core/lightning/node/incarnation.hpp
  std::uint64_t base_index = 0;             ///< index of the record that the node had before; it counts as none
  std::vector<SendState> sends;
  bool sends_once = true;  ///< every one left a host that could promise that no layer repeats it
  std::optional<UnixMillis> last_send_at;

  // What was seen.
  bool seen = false;                        ///< any record or update of our own sends
  std::uint64_t known_index = 0;            ///< the record followed
  bool known_failed = false;                ///< and whether it was seen to fail
  std::optional<UnixMillis> quiet_look_at;  ///< first of the two looks after expiry, and what it saw
  PaymentState quiet_look_state{};
  std::uint32_t looks = 0;  ///< since the last send; sets the pace
  std::optional<UnixMillis> last_checked_at;
  std::optional<UnixMillis> stuck_since;
  std::string reason;  ///< for people: why it failed, is unknown, or needs review

  // The end.
  std::optional<UnixMillis> ended_at;
  Msat fee;  ///< paid to the route
  std::string sealed_preimage;
  std::optional<UnixMillis> watched_until;  ///< an operator gave it up after it was sent: until then the node is still asked
  EndedBy ended_by{};

  auto fields(this auto& self) {
    return std::tie(self.id, self.status, self.attempt, self.bolt11, self.payment_hash, self.reserved.amount,
                    self.reserved.fee_limit, self.amount_stated, self.invoice_expires_at, self.external_id, self.metadata, self.key,
                    self.created_at, self.due_at, self.dispatched_at, self.node, self.base_index, self.sends, self.sends_once,
                    self.last_send_at, self.seen, self.known_index, self.known_failed, self.quiet_look_at, self.quiet_look_state,
                    self.looks, self.last_checked_at, self.stuck_since, self.reason, self.ended_at, self.fee, self.sealed_preimage,
                    self.watched_until, self.ended_by);
  }
};

/// Whether its reservation is in `locked`.
constexpr bool is_locked(WithdrawalStatus status) {
  return status == WithdrawalStatus::pending || status == WithdrawalStatus::dispatched || status == WithdrawalStatus::unknown ||
         status == WithdrawalStatus::needs_review;
}
constexpr bool is_shown(WithdrawalStatus status) {
  return status != WithdrawalStatus::claiming && status != WithdrawalStatus::abandoned;
}
constexpr bool is_over(WithdrawalStatus status) {
  return status == WithdrawalStatus::succeeded || status == WithdrawalStatus::failed;
}

std::string withdrawal_key(const TenantScope& tenant, const WithdrawalId& id);
/// Whether the withdrawal in this row is neither succeeded nor failed; false where there is none.
Task<Result<bool>> is_withdrawal_under_way(Context& cx, std::string key);
/// Its due work, of kind "withdrawal".
DueWork watch_of(const TenantScope& tenant, const WithdrawalId& id);

/// Index rows: prefixes below which there is an empty row for each withdrawal that is shown, its id the last part of the key.
std::string withdrawals_by_status(const TenantScope& tenant, WithdrawalStatus status);
std::string withdrawals_by_external_id(const TenantScope& tenant, std::string_view external_id);
/// From `before` to `after`; `before` has none while it is not shown.
void move_indexes(WriteBatch& batch, const TenantScope& tenant, const Withdrawal& before, const Withdrawal& after);

/// Whether it has a due row.
inline bool is_watched(const Withdrawal& withdrawal) { return !is_over(withdrawal.status) || withdrawal.watched_until.has_value(); }

/// Its three transfers. Settle and release share an id, so that both can never be stored.
Transfer lock_transfer(const Withdrawal& withdrawal);
Transfer settle_transfer(const Withdrawal& withdrawal, Msat fee);
Transfer release_transfer(const Withdrawal& withdrawal);
/// After a release that an operator decided the node paid all the same: what it took is in suspense.
Transfer late_transfer(const Withdrawal& withdrawal);

/// What the API shows and events carry. Never the preimage: that is shown only to who asks with the scope for it.
std::string withdrawal_json(const Withdrawal& withdrawal, const TenantScope& tenant);

}  // namespace lntpay
