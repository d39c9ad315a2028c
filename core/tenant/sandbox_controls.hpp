// The sandbox controls of a test workspace: how far its clock is ahead, which faults are on, how often it was reset. One row, read
// once by every request and task of the workspace; live has none, and the defaults apply.
#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/storage/row.hpp"

namespace lntpay {

enum class SandboxFault : std::uint8_t {
  node_down,           ///< the node cannot be reached
  sends_lost,          ///< a payment order never reaches the node, and no error is reported
  payments_forgotten,  ///< the node has no record of any payment
  lookups_down,        ///< payments cannot be looked up; no new ones are sent meanwhile
  settles_short,       ///< half of what a payer sends arrives
  webhooks_down        ///< no receiver responds
};
template <>
inline constexpr auto enum_names<SandboxFault> = std::to_array<std::string_view>(
    {"node_down", "sends_lost", "payments_forgotten", "lookups_down", "settles_short", "webhooks_down"});

/// `{shard}/test/{workspace}/sandbox/controls`, kept by a reset.
struct SandboxControls {
  static constexpr int row_version = 3;
  static constexpr row::Earlier earlier_rows[] = {{.version = 2, .fields = 5}};
  std::uint32_t generation = 0;  ///< incremented by each reset: TenantScope::generation
  Millis ahead;                  ///< of the host's clock; never decreases within a generation
  std::vector<SandboxFault> faults;
  std::uint64_t change = 0;          ///< random, identifies the last change
  bool moving = false;               ///< due work is still being moved to its time by the new clock
  std::optional<ErrorCode> error{};  ///< every request fails with it, except those that control the sandbox

  auto fields(this auto& self) {
    return std::tie(self.generation, self.ahead.value, self.faults, self.change, self.moving, self.error);
  }
  [[nodiscard]] bool has(SandboxFault fault) const { return std::ranges::contains(faults, fault); }
};

}  // namespace lntpay
