// A challenge that is paid: its charge and credit in one commit of the workspace's shard, then the row, which points to the charge.
// Ids are derived, so that a repetition after any interruption changes nothing.
#pragma once
#include <optional>
#include <vector>

#include "core/charge/challenge_row.hpp"
#include "core/charge/charge_refresh.hpp"
#include "core/lightning/node/node.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// An unpaid challenge as the charge that its payment will make: `pending`, or `expired` by the clock; without an id.
Charge unpaid_charge(const ChallengeRow& challenge, UnixMillis now);

/// What an invoice is for: a challenge, else a charge, else nothing.
struct FoundByHash {
  std::optional<ChallengeRow> challenge{};
  std::optional<ChargeFinder> charge{};
};
/// The rows that `read_found` takes: a challenge's, then a charge's finder. Those of live are found without the workspace.
std::vector<std::string> found_keys(const TenantScope& tenant, const Bytes32& payment_hash);
/// Fails as `damaged_row`. Pure.
Result<FoundByHash> read_found(const std::optional<Entry>& challenge, const std::optional<Entry>& finder);

/// The charge of an invoice of this workspace, an unpaid challenge's as `unpaid_charge`. `created_at` of a challenge's is when it
/// was issued. nullopt: the workspace has none.
Task<Result<std::optional<Charge>>> find_by_hash(Context& cx, TenantScope tenant, Bytes32 payment_hash);

/// For `settle`. `invoice` is settled.
Settlement settlement_of(const TenantScope& tenant, ChallengeRow challenge, NodeInvoice invoice);
/// As `credit_settled`; then the rows of the challenges among them become `settled`, and their places are free.
Task<Result<>> settle(Context& cx, TenantScope tenant, std::vector<Settlement> settled);

/// Polls the node about a challenge and settles it if it is paid. Yields its charge, as `find_by_hash`. Fails with
/// node_unavailable, not_found.
Task<Result<Charge>> refresh_challenge(Context& cx, TenantScope tenant, Bytes32 payment_hash);
/// The same for an unpaid one, at best effort: a live hash is polled once a second, however many ask.
Task<Result<>> notice_payment(Context& cx, TenantScope tenant, Bytes32 payment_hash);

}  // namespace lntpay
