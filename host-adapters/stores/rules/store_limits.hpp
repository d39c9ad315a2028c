// The limits of every store on keys, values and commits. All adapters reject the same effects, so that an operation that fits one
// store fits them all.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/storage/effect.hpp"

namespace lntpay::host {

inline constexpr std::size_t key_bytes_max = 512;
inline constexpr std::size_t value_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t get_keys_max = 1'000;
inline constexpr std::size_t commit_checks_max = 1'000;
inline constexpr std::size_t commit_ops_max = 1'000;

/// Rows that may be lost at any time.
constexpr bool is_volatile(std::string_view key) { return key.starts_with('~'); }

const std::string& key_of(const Op& op);

/// Why a store must return Failed before it reads a row; nullopt: the effect is within the limits. A rejected effect changes
/// nothing, is never split or shortened, and leaves its batch intact.
///
/// A key is 1 to 512 bytes without U+0000; a value up to 1 MiB. That both are UTF-8 is the caller's responsibility.
std::optional<std::string> refusal(const Get& asked);
std::optional<std::string> refusal(const Range& asked);
/// Also refuses a commit that has both durable and volatile keys, checks included.
std::optional<std::string> refusal(const Commit& asked);

}  // namespace lntpay::host
