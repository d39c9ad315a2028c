// A workspace in one environment: the prefix under which all its rows live. Nothing crosses it.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "core/storage/row.hpp"
#include "core/storage/shard.hpp"

namespace lntpay {

enum class Environment : std::uint8_t { test, live };
template <>
inline constexpr auto enum_names<Environment> = std::to_array<std::string_view>({"test", "live"});

struct TenantScope {
  Environment environment = Environment::test;
  WorkspaceId workspace;
  std::uint32_t generation = 0;  ///< of a sandbox that was reset: its rows begin anew

  [[nodiscard]] Shard shard() const { return workspace.shard(); }
  /// "ws_…", or "ws_….2" after two resets: how keys name the workspace
  [[nodiscard]] std::string name() const {
    return generation == 0 ? workspace.text() : workspace.text() + "." + std::to_string(generation);
  }
  /// Where rows live that no reset leaves behind.
  [[nodiscard]] TenantScope without_generation() const { return {environment, workspace}; }
  /// "Ab/test/ws_…/charge/ch_…"
  [[nodiscard]] std::string key(std::string_view room, std::string_view tail = {}) const {
    std::string key(shard().text());
    key.append("/").append(name_of(environment)).append("/").append(name()).append("/").append(room);
    if (!tail.empty()) key.append("/").append(tail);
    return key;
  }
  auto operator<=>(const TenantScope&) const = default;
};

}  // namespace lntpay
