// A withdrawal: an invoice paid out of the workspace's available balance. Rules: docs/money.md, "Withdrawals".
//
//   claiming -> pending -> dispatched -> succeeded | failed
//   claiming -> abandoned;   pending -> failed (canceled);   dispatched -> unknown -> …;   any open one -> needs_review
//
// `claiming` and `abandoned` are not visible to users: nothing was locked. From `pending` to the end the ledger holds amount and
// fee limit in `locked`.
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

/// The state of one send. `open`: no answer was seen, so it may still start a payment.
enum class SendState : std::uint8_t { open, refused, known, finished };
template <>
inline constexpr auto enum_names<SendState> = std::to_array<std::string_view>({"open", "refused", "known", "finished"});

/// Who ended it.
enum class EndedBy : std::uint8_t { nobody, node, client, operator_token };
template <>
inline constexpr auto enum_names<EndedBy> = std::to_array<std::string_view>({"nobody", "node", "client", "operator"});

/// The maximum cost of a withdrawal. The node is given the locked fee limit: there is no other.
struct Reservation {
  Msat amount;
  Msat fee_limit;
  [[nodiscard]] Msat total() const { return {amount.value + fee_limit.value}; }  // each is at most 21 million bitcoin
};

struct Withdrawal {
  static constexpr int row_version = 4;
  static constexpr row::Earlier earlier_rows[] = {{.version = 2, .fields = 34}, {.version = 3, .fields = 35}};
  WithdrawalId id;
  WithdrawalStatus status{};
  std::uint32_t attempt = 1;  ///< incremented with every claim of the payment hash
  std::string bolt11;
  Bytes32 payment_hash{};
  Reservation reserved;
  bool amount_stated = true;  ///< by the invoice
  UnixMillis invoice_expires_at;
  std::string external_id;  ///< the user's own; empty = none
  std::string metadata;     ///< the user's JSON object as received; empty = none
  KeyId key;                ///< that requested it
  UnixMillis created_at;
  UnixMillis due_at;  ///< of its due row

  // Sends. Written before the first byte leaves.
  std::optional<UnixMillis> dispatched_at;  ///< set before the first send
  std::string node;                         ///< that pays it: core/lightning/node/node_instance.hpp
  std::uint64_t base_index = 0;             ///< of the node's record from before the first send, which is ignored
  std::vector<SendState> sends;
  bool sends_once = true;  ///< the transport of every send never repeats a request
  std::optional<UnixMillis> last_send_at;

  // Polls.
  bool seen = false;                          ///< a record or update of our own sends
  std::uint64_t followed_index = 0;           ///< of the record of our sends
  bool followed_failed = false;               ///< that record failed
  std::optional<UnixMillis> expired_poll_at;  ///< the first of fence 3's two polls, and its state
  PaymentState expired_poll_state{};
  std::uint32_t polls = 0;  ///< since the last send; sets the backoff
  std::optional<UnixMillis> last_checked_at;
  std::optional<UnixMillis> stuck_since;
  std::string reason;  ///< for people: why it failed, is unknown, or needs review

  // The end.
  std::optional<UnixMillis> ended_at;
  Msat fee;  ///< paid for the route
  std::string sealed_preimage;
  std::optional<UnixMillis> polled_until;  ///< resolved as failed after it was sent: the node is polled until then
  EndedBy ended_by{};

  std::optional<ChargeId> refunds{};  ///< the charge that it pays back, in part or wholly
  std::string destination{};          ///< the Lightning address or LNURL that the invoice was requested from; empty: none

  auto fields(this auto& self) {
    return std::tie(self.id, self.status, self.attempt, self.bolt11, self.payment_hash, self.reserved.amount,
                    self.reserved.fee_limit, self.amount_stated, self.invoice_expires_at, self.external_id, self.metadata, self.key,
                    self.created_at, self.due_at, self.dispatched_at, self.node, self.base_index, self.sends, self.sends_once,
                    self.last_send_at, self.seen, self.followed_index, self.followed_failed, self.expired_poll_at,
                    self.expired_poll_state, self.polls, self.last_checked_at, self.stuck_since, self.reason, self.ended_at,
                    self.fee, self.sealed_preimage, self.polled_until, self.ended_by, self.refunds, self.destination);
  }
};

/// Whether its reservation is in `locked`.
constexpr bool is_locked(WithdrawalStatus status) {
  return status == WithdrawalStatus::pending || status == WithdrawalStatus::dispatched || status == WithdrawalStatus::unknown ||
         status == WithdrawalStatus::needs_review;
}
constexpr bool is_visible(WithdrawalStatus status) {
  return status != WithdrawalStatus::claiming && status != WithdrawalStatus::abandoned;
}
constexpr bool is_final(WithdrawalStatus status) {
  return status == WithdrawalStatus::succeeded || status == WithdrawalStatus::failed;
}

std::string withdrawal_key(const TenantScope& tenant, const WithdrawalId& id);
/// Whether the row holds a withdrawal that is not final.
Task<Result<bool>> is_withdrawal_open(Context& cx, std::string key);
/// Its due work, of kind "withdrawal".
DueWork due_work_of(const TenantScope& tenant, const WithdrawalId& id);

/// Index prefixes: one empty row for each visible withdrawal, whose key ends with its id.
std::string withdrawals_by_status(const TenantScope& tenant, WithdrawalStatus status);
std::string withdrawals_by_external_id(const TenantScope& tenant, std::string_view external_id);
std::string withdrawals_by_charge(const TenantScope& tenant, const ChargeId& charge);
/// Beside them, of metadata: core/tenant/metadata_index.hpp.
inline constexpr std::string_view withdrawal_indexes = "wd_by";
/// From `before` to `after`; a withdrawal that is not visible has no index rows.
void move_indexes(WriteBatch& batch, const TenantScope& tenant, const Withdrawal& before, const Withdrawal& after);

/// Whether it has a due row.
inline bool has_due_work(const Withdrawal& withdrawal) {
  return !is_final(withdrawal.status) || withdrawal.polled_until.has_value();
}

/// Its transfers. Settle and release share an id, so that only one of them can be stored.
Transfer lock_transfer(const Withdrawal& withdrawal);
Transfer settle_transfer(const Withdrawal& withdrawal, Msat fee);
Transfer release_transfer(const Withdrawal& withdrawal);
/// For a payment after a release by an operator: the amount goes to suspense.
Transfer late_payment_transfer(const Withdrawal& withdrawal);

/// A transfer that the ledger has for a withdrawal, and its name in a problem: "lock", "resolution", "adjustment".
struct BookedTransfer {
  Bytes32 id{};
  std::string_view name;
};
/// Those of a visible withdrawal in its state.
std::vector<BookedTransfer> booked_transfers(const Withdrawal& withdrawal);

/// The object of the API and of events. Without the preimage, which needs a scope of its own.
std::string withdrawal_json(const Withdrawal& withdrawal, const TenantScope& tenant);

}  // namespace lntpay
