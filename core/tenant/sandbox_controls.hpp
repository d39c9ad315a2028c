// What a user of the sandbox has made of its world: how far its clock is ahead, which faults are on, how often it began anew. One
// row for each test workspace, read once by every request and task of it; in live there is none, and all of it is nothing.
#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/storage/row.hpp"

namespace lntpay {

enum class SandboxFault : std::uint8_t {
  node_down,           ///< the node cannot be reached
  sends_lost,          ///< an order to pay never reaches the node, and nobody tells
  payments_forgotten,  ///< the node does not know what it was told to pay
  lookups_down,        ///< the node does not say what became of payments; nothing new is paid meanwhile
  settles_short,       ///< of what a payer sends, half arrives
  webhooks_down        ///< no receiver answers
};
template <>
inline constexpr auto enum_names<SandboxFault> = std::to_array<std::string_view>(
    {"node_down", "sends_lost", "payments_forgotten", "lookups_down", "settles_short", "webhooks_down"});

/// `{shard}/test/{workspace}/sandbox/controls`, which no reset leaves behind.
struct SandboxControls {
  static constexpr int row_version = 1;
  std::uint32_t generation = 0;  ///< grows with each reset: TenantScope::generation
  Millis ahead;                  ///< of the host's clock; never less within a generation
  std::vector<SandboxFault> faults;
  std::uint64_t change = 0;  ///< drawn by each change: tells whose it was

  auto fields(this auto& self) { return std::tie(self.generation, self.ahead.value, self.faults, self.change); }
  [[nodiscard]] bool has(SandboxFault fault) const { return std::ranges::contains(faults, fault); }
};

}  // namespace lntpay
