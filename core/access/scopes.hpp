// Scopes: the permissions of an API key. Default deny; each route names the scopes that it needs.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/storage/row.hpp"

namespace lntpay {

enum class Scope : std::uint8_t {
  charges_read,
  charges_write,
  withdrawals_read,
  withdrawals_write,
  withdrawals_preimage,
  ledger_read,
  webhooks_read,
  webhooks_write,
  gates_read,
  gates_write,
  gates_verify,
  keys_write,
  sandbox_write,
};
template <>
inline constexpr auto enum_names<Scope> = std::to_array<std::string_view>(
    {"charges:read", "charges:write", "withdrawals:read", "withdrawals:write", "withdrawals:preimage", "ledger:read",
     "webhooks:read", "webhooks:write", "gates:read", "gates:write", "gates:verify", "keys:write", "sandbox:write"});

/// A set of scopes. In rows: the names in the enum's order, separated by spaces.
class ScopeSet {
 public:
  constexpr ScopeSet() = default;
  constexpr ScopeSet(std::initializer_list<Scope> scopes) {
    for (const auto scope : scopes) add(scope);
  }
  static constexpr ScopeSet all() {
    ScopeSet set;
    for (std::size_t i = 0; i < enum_names<Scope>.size(); ++i) set.add(static_cast<Scope>(i));
    return set;
  }
  /// nullopt if a name is not a scope.
  static std::optional<ScopeSet> parse(std::string_view names) {
    ScopeSet set;
    while (!names.empty()) {
      const auto scope = from_name<Scope>(row::cut(names, ' '));
      if (!scope) return std::nullopt;
      set.add(*scope);
    }
    return set;
  }

  constexpr void add(Scope scope) { bits_ |= 1U << static_cast<unsigned>(scope); }
  [[nodiscard]] constexpr bool has(Scope scope) const { return (bits_ >> static_cast<unsigned>(scope) & 1U) != 0; }
  [[nodiscard]] constexpr bool includes(ScopeSet other) const { return (other.bits_ & ~bits_) == 0; }
  [[nodiscard]] constexpr ScopeSet without(ScopeSet other) const {
    ScopeSet set;
    set.bits_ = bits_ & ~other.bits_;
    return set;
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const ScopeSet&) const = default;

  [[nodiscard]] std::string text() const {
    std::string text;
    each([&text](std::string_view name) { text.append(text.empty() ? "" : " ").append(name); });
    return text;
  }
  /// ["charges:read","charges:write"]
  [[nodiscard]] std::string json() const {
    JsonArray names;
    each([&names](std::string_view name) { names.add(name); });
    return names.text();
  }

 private:
  void each(auto&& visit) const {
    for (std::size_t i = 0; i < enum_names<Scope>.size(); ++i) {
      if (has(static_cast<Scope>(i))) visit(enum_names<Scope>[i]);
    }
  }
  std::uint32_t bits_ = 0;
};

/// Fails with insufficient_scopes; details: required, missing.
Result<> require_scopes(ScopeSet has, ScopeSet needed);

}  // namespace lntpay
