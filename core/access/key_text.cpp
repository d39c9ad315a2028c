// Generates and parses the text of a key.
#include "core/access/key_text.hpp"

#include "core/base/encoding.hpp"

namespace lntpay {
namespace {

constexpr std::size_t prefix_size = 9;
constexpr std::size_t secret_digits = 30;

std::string check_digits(std::string_view checked) { return base62(crc32(bytes_of(checked)), base62_width_u32); }

}  // namespace

std::string_view key_prefix(Environment environment) { return environment == Environment::test ? "lnt_test_" : "lnt_live_"; }

std::optional<KeyText> parse_key_text(std::string_view text) {
  if (text.size() != key_text_size) return std::nullopt;
  const auto environment = text.starts_with(key_prefix(Environment::test)) ? Environment::test : Environment::live;
  if (!text.starts_with(key_prefix(environment))) return std::nullopt;
  const auto digits = text.substr(prefix_size);
  if (digits.find_first_not_of(base62_alphabet) != std::string_view::npos) return std::nullopt;
  const auto checked = text.substr(0, key_text_size - base62_width_u32);
  if (text.substr(checked.size()) != check_digits(checked)) return std::nullopt;
  const auto shard = Shard::parse(digits.substr(0, 2));
  if (!shard) return std::nullopt;
  return KeyText{environment, *shard, text.substr(text.size() - 4)};
}

std::string generate_key_text(Environment environment, Shard shard, Random& random) {
  std::string text(key_prefix(environment));
  text.append(shard.text()).append(random.base62(secret_digits));
  return text + check_digits(text);
}

}  // namespace lntpay
