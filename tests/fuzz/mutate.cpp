// Implements one function for each kind of change.
#include "tests/fuzz/mutate.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "core/lightning/bolt11/encode.hpp"
#include "core/lightning/bolt11/tagged_field.hpp"
#include "tests/fuzz/parts.hpp"

namespace lntpay::fuzz {
namespace {

using bolt11::Groups;

/// A field: its type, and sizes (in groups) that its rules distinguish.
struct Kind {
  char type;
  std::size_t sizes[6];
};

constexpr Kind kinds[] = {
    {'p', {52, 52, 52, 51, 53, 0}}, {'s', {52, 52, 52, 51, 53, 0}},  {'h', {52, 52, 52, 51, 53, 0}}, {'n', {53, 53, 53, 52, 54, 0}},
    {'d', {0, 8, 16, 2, 1, 1'023}}, {'m', {0, 8, 16, 2, 3, 1'023}},  {'x', {1, 2, 3, 7, 8, 0}},      {'c', {1, 2, 3, 7, 8, 0}},
    {'9', {1, 2, 4, 10, 52, 0}},    {'f', {33, 53, 34, 65, 4, 0}},   {'r', {82, 164, 82, 81, 1, 0}}, {'5', {0, 1, 60, 7, 31, 32}},
    {'2', {0, 1, 60, 7, 31, 32}},   {'z', {0, 1, 60, 7, 1'023, 32}},
};

constexpr std::string_view currencies[] = {"bc", "tb", "tbs", "bcrt", "sb", "bcr", "", "bcrtt"};

GroupList random_groups(Rng& rng, std::size_t count) {
  GroupList groups(count);
  for (auto& group : groups) group = rng.group();
  return groups;
}

/// Pads as required: unused bits are zero.
void clear_padding(GroupList& data) {
  const auto unused = data.size() * 5 % 8;
  if (!data.empty() && unused < 5) data.back() = static_cast<std::uint8_t>(data.back() >> unused << unused);
}

/// Content that passes the first rule of its field more often than random bytes.
GroupList plausible(Rng& rng, char type, std::size_t size) {
  static const auto node = to_groups(public_key(known_key()).bytes);
  auto data = random_groups(rng, size);
  switch (type) {
    case 'd':
      data = to_groups(bytes_of(std::string(size * 5 / 8, static_cast<char>('a' + rng.below(26)))));
      data.resize(size);
      break;
    case '9': {  // known even bits, odd ones, and 100 at times
      constexpr std::size_t bits[] = {8, 14, 16, 24, 36, 48, 9, 15, 49, 99, 100, 0, 255, 263};
      std::ranges::fill(data, std::uint8_t{0});
      for (std::size_t i = 1 + rng.below(4); i > 0; --i) {
        const auto bit = rng.pick(bits);
        if (bit / 5 < size) data[size - 1 - bit / 5] |= static_cast<std::uint8_t>(1U << bit % 5);
      }
      break;
    }
    case 'n':
    case 'r':
      for (std::size_t i = 0; i < std::min(size, node.size() - 1); ++i) data[i] = node[i];
      if (type == 'n' && size == node.size()) data = node;
      if (size > node.size()) data[node.size() - 1] = static_cast<std::uint8_t>((node.back() & 0x1e) | (data[node.size() - 1] & 1));
      break;
    case 'f':
      if (size > 0 && !rng.one_in(4)) data[0] = static_cast<std::uint8_t>(rng.below(20));
      break;
    default: break;
  }
  if (!rng.one_in(8)) clear_padding(data);
  if (type == 'f' && size > 1) {  // its padding starts after the version
    GroupList program(data.begin() + 1, data.end());
    clear_padding(program);
    std::ranges::copy(program, data.begin() + 1);
  }
  return data;
}

PartField random_field(Rng& rng) {
  const auto& [type, sizes] = rng.pick(kinds);
  const auto size = rng.one_in(4) ? rng.below(70) : rng.pick(sizes);
  return {bolt11::group_of(type), size, plausible(rng, type, size)};
}

void change_amount(Parts& parts, Rng& rng) {
  const auto digits = std::min(parts.prefix.find_first_of("0123456789"), parts.prefix.size());
  parts.prefix.resize(digits);
  if (rng.one_in(5)) return;
  constexpr std::size_t lengths[] = {1, 1, 2, 4, 8, 11, 19, 20, 21};
  for (auto i = rng.pick(lengths); i > 0; --i) parts.prefix += static_cast<char>('0' + rng.below(10));
  if (rng.one_in(4)) parts.prefix += '0';
  constexpr std::string_view multipliers[] = {"", "m", "u", "n", "p", "p", "x", "mm"};
  parts.prefix += rng.pick(multipliers);
}

void change_currency(Parts& parts, Rng& rng) {
  const auto digits = std::min(parts.prefix.find_first_of("0123456789"), parts.prefix.size());
  parts.prefix = std::string{"ln"}.append(rng.pick(currencies)).append(parts.prefix.substr(digits));
}

void change_prefix_character(Parts& parts, Rng& rng) {
  if (parts.prefix.empty()) return;
  auto c = static_cast<char>(33 + rng.below(94));
  if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  parts.prefix[rng.below(parts.prefix.size())] = c;
}

void insert_field(Parts& parts, Rng& rng) {
  const auto at = static_cast<std::ptrdiff_t>(rng.below(parts.fields.size() + 1));
  parts.fields.insert(parts.fields.begin() + at, random_field(rng));
}

void change_field(Parts& parts, Rng& rng) {
  if (parts.fields.empty()) return insert_field(parts, rng);
  const auto at = rng.below(parts.fields.size());
  auto& field = parts.fields[at];
  switch (rng.below(10)) {
    case 0: parts.fields.erase(parts.fields.begin() + static_cast<std::ptrdiff_t>(at)); break;
    case 1: parts.fields.push_back(PartField{field}); break;
    case 2: std::swap(field, parts.fields[rng.below(parts.fields.size())]); break;
    case 3: field.type = rng.group(); break;
    case 4:  // grow
      for (std::size_t i = 1 + rng.below(rng.one_in(8) ? 900 : 9); i > 0; --i)
        field.data.push_back(rng.one_in(2) ? 0 : rng.group());
      field.claimed = field.data.size();
      break;
    case 5:  // shrink
      field.data.resize(rng.below(field.data.size() + 1));
      field.claimed = field.data.size();
      break;
    case 6:
      if (!field.data.empty()) field.data[rng.below(field.data.size())] = rng.group();
      break;
    case 7:  // the last group, with the padding
      if (!field.data.empty()) field.data.back() ^= static_cast<std::uint8_t>(1U << rng.below(5));
      break;
    case 8: field.data = plausible(rng, bolt11::bech32_alphabet[field.type], field.data.size()); break;
    default: field.claimed = rng.below(1'024); break;
  }
}

/// (r, n - s), an equally valid signature, with the other recovery id.
void raise_s(Parts& parts) {
  constexpr std::array<std::uint8_t, 32> order{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                               0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
                                               0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
  std::array<std::uint8_t, 65> bytes;
  bolt11::pack(parts.signature, bytes);
  int borrow = 0;
  for (std::size_t i = order.size(); i-- > 0;) {
    const int difference = order[i] - bytes[32 + i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    bytes[32 + i] = static_cast<std::uint8_t>(difference + 256 * borrow);
  }
  bytes[64] ^= 1;
  parts.signature = to_groups(bytes);
}

void change_signature(Parts& parts, Rng& rng) {
  switch (rng.below(5)) {
    case 0: parts.signature[rng.below(parts.signature.size())] = rng.group(); break;
    case 1: parts.signature.back() = static_cast<std::uint8_t>(rng.below(6)); break;
    case 2: std::fill_n(parts.signature.begin() + (rng.one_in(2) ? 0 : 52), 51, rng.one_in(2) ? 0 : 31); break;
    case 3: raise_s(parts); break;
    default:  // truncate, possibly fields too
      parts.signature.resize(rng.below(parts.signature.size()));
      parts.fields.resize(rng.below(parts.fields.size() + 1));
      break;
  }
}

void change(Parts& parts, Rng& rng) {
  switch (rng.below(16)) {
    case 0: return change_amount(parts, rng);
    case 1: return change_currency(parts, rng);
    case 2: return change_prefix_character(parts, rng);
    case 3: parts.timestamp[rng.below(parts.timestamp.size())] = rng.group(); return;
    case 4:
      for (std::size_t i = 1 + rng.below(5); i > 0; --i) parts.rest.push_back(rng.group());
      return;
    case 5: parts.rest.clear(); return;
    case 6:
    case 7:
    case 8:
    case 9: return insert_field(parts, rng);
    default: return change_field(parts, rng);
  }
}

std::string capitals(std::string text) {
  for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

}  // namespace

std::string mutate(std::string_view text, Rng& rng) {
  auto parts = take_apart(text);
  for (std::size_t i = 1 + rng.below(3); i > 0; --i) change(parts, rng);
  if (rng.one_in(2)) sign(parts);
  if (rng.one_in(6)) change_signature(parts, rng);
  auto changed = put_together(parts);
  return rng.one_in(16) ? capitals(std::move(changed)) : changed;
}

std::string splice(std::string_view left, std::string_view right, Rng& rng) {
  auto parts = take_apart(left);
  const auto other = take_apart(right);
  const auto keep = rng.below(parts.fields.size() + 1);
  const auto skip = rng.below(other.fields.size() + 1);
  parts.fields.resize(keep);
  parts.fields.insert(parts.fields.end(), other.fields.begin() + static_cast<std::ptrdiff_t>(skip), other.fields.end());
  if (!rng.one_in(4)) sign(parts);
  return put_together(parts);
}

std::string repair(std::string_view text) { return put_together(take_apart(text)); }

std::string some_invoice() {
  bolt11::Invoice invoice;
  invoice.network = bolt11::Network::regtest;
  invoice.amount = 21_sat;
  invoice.timestamp_s = 1'700'000'000;
  invoice.payment_hash.fill(1);
  invoice.payment_secret.fill(2);
  invoice.description = "a";
  invoice.expiry_s = 600;
  invoice.features = {8, 14};
  return *bolt11::encode(invoice, known_key());
}

}  // namespace lntpay::fuzz
