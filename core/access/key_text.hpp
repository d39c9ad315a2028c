// The text of an API key: `lnt_test_` or `lnt_live_`, 32 base62 digits, and the CRC-32 of everything before it in 6 base62 digits.
// The first two digits are the workspace's shard, so a request is routed without a lookup; the other 30 (178 bits) are secret. The
// check digits catch typing errors and let scanners find leaked keys; they authenticate nothing.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

inline constexpr std::size_t key_text_size = 9 + 32 + 6;

struct KeyText {
  Environment environment{};
  Shard shard;
  std::string_view last4;  ///< of the text that was parsed; shown in lists
};

/// nullopt for a text that `generate_key_text` cannot have returned.
std::optional<KeyText> parse_key_text(std::string_view text);

std::string generate_key_text(Environment environment, Shard shard, Random& random);

/// "lnt_test_" or "lnt_live_"
std::string_view key_prefix(Environment environment);

}  // namespace lntpay
