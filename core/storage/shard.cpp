// Shards and ids as text.
#include "core/storage/shard.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"

namespace lntpay {
namespace {

/// A comparison instead of a search: ids are checked in every request.
constexpr bool is_crockford(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z' && c != 'I' && c != 'L' && c != 'O' && c != 'U');
}
static_assert(std::ranges::all_of(crockford_alphabet, is_crockford));

}  // namespace

Shard Shard::number(unsigned n) {
  Shard shard;
  shard.digits_ = {base62_alphabet[n / 62 % 62], base62_alphabet[n % 62]};
  return shard;
}

std::optional<Shard> Shard::parse(std::string_view digits) {
  if (digits.size() != 2) return std::nullopt;
  if (base62_alphabet.find(digits[0]) == base62_alphabet.npos || base62_alphabet.find(digits[1]) == base62_alphabet.npos)
    return std::nullopt;
  Shard shard;
  shard.digits_ = {digits[0], digits[1]};
  return shard;
}

Shard Shard::of_hash(const Bytes32& payment_hash) {
  return number((unsigned{payment_hash[0]} << 8 | payment_hash[1]) % shard_count);
}

Shard Shard::generate(Random& random) { return number(1 + static_cast<unsigned>(random.below(shard_count - 1))); }

std::string generate_id(std::string_view prefix, Shard shard, UnixMillis now, Random& random) {
  std::array<std::uint8_t, 10> bits{};
  random.fill(bits);
  std::string id(prefix);
  id += shard.text();
  id += crockford(now.value & 0xffff'ffff'ffff, 10);
  id += crockford(bits, 16);
  return id;
}

bool is_id(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + id_tail_size || !text.starts_with(prefix)) return false;
  const auto tail = text.substr(prefix.size());
  return Shard::parse(tail.substr(0, 2)) && std::ranges::all_of(tail.substr(2), is_crockford);
}

}  // namespace lntpay
