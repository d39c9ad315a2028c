// A workspace in one environment: the prefix of all its rows.
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
  std::uint32_t generation = 0;  ///< of the sandbox; a reset starts a new one with no rows

  [[nodiscard]] Shard shard() const { return workspace.shard(); }
  /// The workspace in keys: "ws_…", or "ws_….2" after two resets.
  [[nodiscard]] std::string name() const {
    return generation == 0 ? workspace.text() : workspace.text() + "." + std::to_string(generation);
  }
  /// The scope of rows that a reset keeps.
  [[nodiscard]] TenantScope without_generation() const { return {environment, workspace}; }
  /// "Ab/test/ws_…/charge/ch_…"
  [[nodiscard]] std::string key(std::string_view collection, std::string_view tail = {}) const {
    std::string key(shard().text());
    key.append("/").append(name_of(environment)).append("/").append(name()).append("/").append(collection);
    if (!tail.empty()) key.append("/").append(tail);
    return key;
  }
  auto operator<=>(const TenantScope&) const = default;
};

}  // namespace lntpay
