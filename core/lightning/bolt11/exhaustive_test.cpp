// Exhaustive tests of small domains: field lengths, field types, single bytes. Amounts: amount_test.cpp.
#include <doctest/doctest.h>

#include <functional>

#include "core/lightning/bolt11/decode.hpp"
#include "tests/support/handmade_invoice.hpp"
#include "tests/support/sanitized.hpp"

namespace exhaustive_test {
using namespace lntpay;
using namespace lntpay::bolt11;
using namespace lntpay::bolt11::handmade;

namespace {

/// "read", "skipped" (among the ignored or unknown fields), or the reason of the rejection.
std::string fate(char type, const std::string& data) {
  // The other required fields, so that the tested field is the first of its kind.
  const bool right_length = data.size() == (type == 'n' ? node_groups : hash_groups);
  std::string fields;
  if (type != 's' || !right_length) fields += s;
  if (type != 'p' || !right_length) fields += p;
  if (type != 'd' && (type != 'h' || !right_length)) fields += d;
  const auto invoice = decode_unverified(unsigned_text("lnbc", fields + field(type, data)));
  if (!invoice) return std::string{name(invoice.error().reason)};
  const bool raw =
      invoice->ignored_fields == std::vector{RawField{type, data}} || invoice->unknown_fields == std::vector{RawField{type, data}};
  return raw ? "skipped" : "read";
}

/// Groups of whole bytes: fewer than five bits remain.
bool whole_bytes(std::size_t groups) { return groups * 5 % 8 < 5; }

/// 12 hops with a real key.
std::string hops() {
  Bytes bytes;
  for (int i = 0; i < 12; ++i) {
    bytes.append_range(public_key(bolt_key()).bytes);
    bytes.resize(bytes.size() + 18);
  }
  return text_of_groups(groups_of(bytes)) + zeros(8);
}

/// The first `size` groups, bits after the last whole byte cleared.
std::string cut(const std::string& groups, std::size_t size) {
  auto part = groups.substr(0, size) + zeros(size > groups.size() ? size - groups.size() : 0);
  const auto unused = size * 5 % 8;
  if (unused != 0 && unused < 5) part.back() = bech32_alphabet[std::size_t{group_of(part.back())} >> unused << unused];
  return part;
}

struct Row {
  char type;
  std::function<std::string(std::size_t)> data;  // of this many groups
  std::function<std::string(std::size_t)> fate;
};

std::string read_if(bool good, std::string_view otherwise) { return std::string{good ? "read" : otherwise}; }

std::vector<Row> rows() {
  const auto all = hops();
  const auto first = [](char c) { return [c](std::size_t n) { return n == 0 ? "" : std::string{c} + zeros(n - 1); }; };
  const auto filled = [](char c) { return [c](std::size_t n) { return std::string(n, c); }; };
  const auto only = [](std::size_t length) { return [length](std::size_t n) { return read_if(n == length, "skipped"); }; };
  const auto program = [](std::size_t n, const std::function<bool(std::size_t)>& fits) -> std::string {
    if (n == 0) return "fallback_empty";
    if (!whole_bytes(n - 1)) return "padding_not_zero";
    return read_if(fits((n - 1) * 5 / 8), "fallback_program_length");
  };
  return {
      {'p', zeros, only(52)},
      {'s', zeros, only(52)},
      {'h', zeros, only(52)},
      {'n', [](std::size_t n) { return n == 53 ? bolt_node : zeros(n); }, only(53)},
      {'d', zeros, [](std::size_t n) { return read_if(whole_bytes(n), "padding_not_zero"); }},
      {'m', zeros, [](std::size_t n) { return read_if(whole_bytes(n), "padding_not_zero"); }},
      {'x', zeros, [](std::size_t n) { return read_if(n == 1, "expiry_not_minimal"); }},
      {'x', filled('l'),
       [](std::size_t n) -> std::string { return n == 0 ? "expiry_not_minimal" : read_if(n <= 7, "expiry_too_large"); }},
      {'c', zeros, [](std::size_t n) { return read_if(n == 1, "final_cltv_not_minimal"); }},
      {'c', filled('l'),
       [](std::size_t n) -> std::string { return n == 0 ? "final_cltv_not_minimal" : read_if(n <= 6, "final_cltv_too_large"); }},
      {'c', first('r'),
       [](std::size_t n) -> std::string { return n == 0 ? "final_cltv_not_minimal" : read_if(n <= 7, "final_cltv_too_large"); }},
      // The highest bit is odd: 5(n - 1), or one more.
      {'9', [&](std::size_t n) { return first(n % 2 == 0 ? 'p' : 'z')(n); },
       [](std::size_t n) { return read_if(n > 0, "features_not_minimal"); }},
      {'9', zeros, [](std::size_t) { return std::string{"features_not_minimal"}; }},
      {'f', first('q'), [=](std::size_t n) { return program(n, [](std::size_t bytes) { return bytes == 20 || bytes == 32; }); }},
      {'f', first('p'), [=](std::size_t n) { return program(n, [](std::size_t bytes) { return bytes >= 2 && bytes <= 40; }); }},
      {'f', first('3'), [=](std::size_t n) { return program(n, [](std::size_t bytes) { return bytes == 20; }); }},
      {'f', first('j'), [=](std::size_t n) { return program(n, [](std::size_t bytes) { return bytes == 20; }); }},
      {'f', first('n'), [](std::size_t n) -> std::string { return n == 0 ? "fallback_empty" : "skipped"; }},
      {'r', [=](std::size_t n) { return cut(all, n); },
       [](std::size_t n) -> std::string {
         const auto bytes = n * 5 / 8;
         if (bytes == 0) return "route_empty";
         if (bytes % hop_bytes != 0) return "route_truncated";
         return read_if(whole_bytes(n), "padding_not_zero");
       }},
      {'2', filled('l'), [](std::size_t) { return std::string{"skipped"}; }},
  };
}

}  // namespace

TEST_CASE("every length of every known field is read, skipped or rejected by its rule") {
  for (const auto& row : rows()) {
    for (std::size_t groups = 0; groups <= field_groups_max; groups += test::sanitized && groups > 200 ? 7 : 1) {
      const auto found = fate(row.type, row.data(groups));
      if (found == row.fate(groups)) continue;
      CAPTURE(row.type);
      CAPTURE(groups);
      CHECK(found == row.fate(groups));
    }
  }
}

TEST_CASE("of the 32 field types eleven are known, and the others are kept raw") {
  std::string known;
  for (const char type : bech32_alphabet) {
    const bool is_known = is_known_field(type);
    if (is_known) known += type;
    for (const auto& data : {std::string{}, std::string{"l"}, std::string{"qpzry9x8gf2tvdw0s3jn54khce6mua7l"}}) {
      if (!is_known) CHECK(fate(type, data) == "skipped");
    }
  }
  CHECK(known == "pr9xfdsnhcm");
}

TEST_CASE("any changed byte of an invoice is detected") {
  const auto original = signed_text("lnbc2500u", s + p + field('d', "xysxxatsyp3k7enxv4js") + field('x', "pu"));
  REQUIRE(decode(original).has_value());
  for (std::size_t at = 0; at < original.size(); ++at) {
    auto changed = original;
    for (unsigned byte = 0; byte < 256; ++byte) {
      changed[at] = static_cast<char>(byte);
      if (changed[at] == original[at] || !decode(changed)) continue;
      CAPTURE(at);
      CAPTURE(byte);
      CHECK_FALSE(decode(changed).has_value());
    }
  }
}

}  // namespace exhaustive_test
