// The row of a gate's challenge: an invoice that is not a charge until it is paid. Rules: docs/money.md, "Challenges of gates".
//
//   issuing -> issued -> settled;   issuing, issued -> deleted (challenge_end.hpp)
//
// An `issuing` challenge is shown to nobody: the node may have the invoice. A `settled` one points to its charge, which has the
// money, and is never deleted: with it the row is what finds the charge by its hash.
//
// A live challenge and its due row are in one of 64 fixed shards, by payment hash; those of a test one in its workspace's shard,
// under its generation.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/charge/charge.hpp"
#include "core/tenant/due_work.hpp"

namespace lntpay {

enum class ChallengeState : std::uint8_t { issuing, issued, settled };
template <>
inline constexpr auto enum_names<ChallengeState> = std::to_array<std::string_view>({"issuing", "issued", "settled"});

/// Row `{shard}/live_challenge/{payment hash}`, or `{tenant}/challenge/{payment hash}` of a test workspace.
struct ChallengeRow {
  static constexpr int row_version = 1;
  WorkspaceId workspace;
  GateId gate;
  ChallengeState state{};
  Bytes32 payment_hash{};
  Msat amount;
  std::string description;  ///< of the invoice
  std::string gate_terms;   ///< what it sells (core/gate/sold_terms)
  LatePolicy late_policy{};
  std::string client{};         ///< of its place among the open challenges (open_challenges.hpp); empty: none
  std::string network{};        ///< likewise
  std::string sealed_preimage;  ///< context: the row's key; settled: empty, the charge has it
  std::string bolt11{};         ///< issuing, settled: empty
  UnixMillis created_at;
  UnixMillis expires_at;  ///< issuing: as expected; then the node's
  std::string node{};     ///< the instance that made the invoice (core/lightning/node/node_instance); test: empty
  UnixMillis due_at;      ///< of its due row; settled: of its last one
  /// Since when the node's answers were that it has no such invoice; none: the last answer was another.
  std::optional<UnixMillis> missing_since{};
  std::optional<ChargeId> charge{};  ///< settled

  auto fields(this auto& self) {
    return std::tie(self.workspace, self.gate, self.state, self.payment_hash, self.amount, self.description, self.gate_terms,
                    self.late_policy, self.client, self.network, self.sealed_preimage, self.bolt11, self.created_at,
                    self.expires_at, self.node, self.due_at, self.missing_since, self.charge);
  }
};

/// The shards of live challenges, which every host wakes at start and at every tick: numbers 0 to 63.
inline constexpr unsigned challenge_shard_count = 64;
/// The first 16 bits of the payment hash, big-endian, modulo 64.
Shard challenge_shard(const Bytes32& payment_hash);

std::string challenge_key(const TenantScope& tenant, const Bytes32& payment_hash);
/// All live challenges of one of those shards.
std::string challenge_prefix(Shard shard);

/// Its due work, first at `challenge_poll_after` after its invoice's expiry. The id is the payment hash in hex.
inline constexpr std::string_view challenge_kind = "challenge";
inline constexpr Millis challenge_poll_after = minutes(5);
DueWork challenge_work(const TenantScope& tenant, const Bytes32& payment_hash);

/// How the report begins of a challenge that was deleted because the node no longer had its invoice.
inline constexpr std::string_view challenge_forgotten = "challenge.forgotten";

/// The charge that a payment of the challenge makes; `settled_at` is the node's settle time, which is the time in the id.
ChargeId challenge_charge_id(const TenantScope& tenant, const Bytes32& payment_hash, UnixMillis settled_at);

}  // namespace lntpay
