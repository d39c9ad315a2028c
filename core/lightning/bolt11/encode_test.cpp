// The writer: published texts bit for bit, round trips of generated invoices, and rejections.
#include "core/lightning/bolt11/encode.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <span>

#include "core/base/encoding.hpp"
#include "core/crypto/random.hpp"
#include "core/lightning/bolt11/bech32.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "tests/support/handmade_invoice.hpp"
#include "tests/support/sanitized.hpp"

namespace encode_test {
using namespace lntpay;
using namespace lntpay::bolt11;
using handmade::bolt_key;

namespace {

constexpr int generated = test::sanitized ? 400 : 3'000;

Invoice smallest() {
  Invoice invoice;
  invoice.timestamp_s = 1'496'314'658;
  invoice.payment_hash.fill(1);
  invoice.payment_secret.fill(2);
  invoice.description = "";
  return invoice;
}

std::string written(const Invoice& invoice) {
  const auto text = encode(invoice, bolt_key());
  return text ? *text : std::string{sentence(text.error())};
}

std::string refused(const std::function<void(Invoice&)>& spoil) {
  auto invoice = smallest();
  spoil(invoice);
  const auto text = encode(invoice, bolt_key());
  return text ? "written" : std::string{sentence(text.error())};
}

Bytes random_bytes(Random& random, std::size_t size) {
  Bytes bytes(size);
  random.fill(bytes);
  return bytes;
}

std::string random_groups(Random& random, std::size_t count) {
  std::string text;
  while (text.size() < count) text += bech32_alphabet[static_cast<std::size_t>(random.below(32))];
  return text;
}

template <class Element>
const Element& any_of(Random& random, std::span<const Element> elements) {
  return elements[static_cast<std::size_t>(random.below(elements.size()))];
}

// A random invoice that can be written.
Invoice random_invoice(Random& random) {
  const auto yes = [&] { return random.below(2) == 1; };
  const auto size = [&](std::uint64_t max) { return static_cast<std::size_t>(random.below(max + 1)); };
  Invoice invoice;
  invoice.network = static_cast<bolt11::Network>(random.below(5));
  if (yes()) invoice.amount = Msat{1 + random.below(yes() ? msat_max.value : 1'000'000)};
  invoice.timestamp_s = random.below(timestamp_s_max + 1);
  invoice.payment_hash = random.bytes32();
  invoice.payment_secret = random.bytes32();
  if (yes()) {
    invoice.description = std::string(size(description_bytes_max), static_cast<char>('a' + random.below(26)));
  } else {
    invoice.description = DescriptionHash{random.bytes32()};
  }
  if (yes()) invoice.expiry_s = random.below(expiry_s_max + 1) >> random.below(36);
  if (yes()) invoice.min_final_cltv = static_cast<std::uint32_t>(random.below(1ULL << 32) >> random.below(33));
  for (const auto bit : std::initializer_list<std::uint16_t>{7, 8, 14, 17, 25, 49, 99, 263}) {
    if (yes()) invoice.features.push_back(bit);
  }
  for (std::size_t i = size(2); i > 0; --i) {
    auto& hint = invoice.routes.emplace_back();
    for (std::size_t k = 1 + size(2); k > 0; --k) {
      hint.push_back({public_key(bolt_key()), random.u64(), static_cast<std::uint32_t>(random.u64()),
                      static_cast<std::uint32_t>(random.u64()), static_cast<std::uint16_t>(random.u64())});
    }
  }
  for (std::size_t i = size(2); i > 0; --i) {
    const auto version = static_cast<std::uint8_t>(random.below(19));
    const auto bytes = version > 16 ? 20 : version == 0 ? 32 : 2 + size(38);
    invoice.fallbacks.push_back({version, random_bytes(random, bytes)});
  }
  if (yes()) invoice.metadata = random_bytes(random, size(200));
  for (std::size_t i = size(2); i > 0; --i) {
    invoice.unknown_fields.push_back(
        {any_of(random, std::span<const char>{std::string_view{"qzy8g2tvw03j54ke6ua7l"}}), random_groups(random, size(80))});
  }
  for (std::size_t i = size(2); i > 0; --i) {
    invoice.ignored_fields.push_back(
        {any_of(random, std::span<const char>{std::string_view{"pshn"}}), random_groups(random, size(50))});
  }
  invoice.payee_stated = yes();
  return invoice;
}

}  // namespace

TEST_CASE("BOLT 11's examples are written as published") {
  for (const std::string_view text : {"lnbc2500u1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfq"
                                      "qqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxat"
                                      "syp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx85fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv"
                                      "3qfegext0eh0ymjpf39tuven09sam30g4vgpfna3rh",
                                      "lnbc1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyq"
                                      "cyq5rqwzqfqqqsyqcyq5rqwzqfqypqdpl2pkx2ctnv5s"
                                      "xxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaq9qrsgq357wnc5r2ueh7ck6q93dj32dlqnls087fx"
                                      "dwk8qakdyafkq3yap9us6v52vjjsrvywa6rt52cm9r9zq"
                                      "t8r2t7mlcwspyetp5h2tztugp9lfyql"}) {
    const auto invoice = decode(text);
    REQUIRE(invoice.has_value());
    CHECK(written(*invoice) == text);
  }
}

TEST_CASE("any written invoice is read back unchanged") {
  Random random{{0xb0171, 0, 0, 0}};
  for (int i = 0; i < generated; ++i) {
    CAPTURE(i);
    const auto invoice = random_invoice(random);
    const auto text = encode(invoice, bolt_key());
    REQUIRE_MESSAGE(text.has_value(), sentence(text.error()));
    const auto back = decode(*text);
    REQUIRE_MESSAGE(back.has_value(), name(back.error().reason));
    auto expected = invoice;
    expected.payee = public_key(bolt_key());
    expected.signature = back->signature;
    expected.field_order = back->field_order;
    CHECK(*back == expected);
    CHECK(encode(*back, bolt_key()) == text);
  }
}

TEST_CASE("a read text is written again bit for bit, in any field order") {
  Random random{{0xb0171, 1, 0, 0}};
  for (int i = 0; i < generated / 4; ++i) {
    auto invoice = *decode(written(random_invoice(random)));
    for (std::size_t k = invoice.field_order.size(); k > 1; --k)
      std::swap(invoice.field_order[k - 1], invoice.field_order[static_cast<std::size_t>(random.below(k))]);
    // Raw fields are listed in the order of the text, so shuffled types need their lists shuffled too.
    if (!invoice.unknown_fields.empty() || !invoice.ignored_fields.empty()) continue;
    const auto text = written(invoice);
    const auto back = decode(text);
    REQUIRE(back.has_value());
    CHECK(back->field_order == invoice.field_order);
    CHECK(written(*back) == text);
  }
}

TEST_CASE("a damaged text is an error or an invoice that can be written") {
  Random random{{0xb0171, 2, 0, 0}};
  int accepted = 0;
  for (int i = 0; i < generated; ++i) {
    const auto text = written(random_invoice(random));
    Bech32 parts;
    REQUIRE(Bech32::read(text, parts).has_value());
    std::vector<std::uint8_t> groups(parts.data().begin(), parts.data().end());
    for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
      // Most changes hit a field's data, some its type or its length.
      groups[static_cast<std::size_t>(random.below(groups.size()))] = static_cast<std::uint8_t>(random.below(32));
    }
    const auto changed = decode(bech32(parts.prefix(), groups));
    if (!changed) continue;
    ++accepted;
    CHECK(encode(*changed, bolt_key()).has_value());
  }
  CHECK(accepted > 100);
}

TEST_CASE("descriptions of every length round-trip") {
  for (std::size_t size = 0; size <= description_bytes_max; ++size) {
    auto invoice = smallest();
    invoice.description = std::string(size, 'x');
    const auto back = decode_unverified(written(invoice));
    REQUIRE(back.has_value());
    CHECK(back->description == invoice.description);
  }
}

TEST_CASE("unknown fields of every length round-trip") {
  for (std::size_t size = 0; size <= field_groups_max; ++size) {
    auto invoice = smallest();
    invoice.unknown_fields.push_back({'2', std::string(size, 'l')});
    const auto back = decode_unverified(written(invoice));
    REQUIRE(back.has_value());
    CHECK(back->unknown_fields == invoice.unknown_fields);
  }
}

TEST_CASE("the longest invoice has 7089 characters and round-trips") {
  auto invoice = smallest();
  invoice.payee_stated = true;
  invoice.unknown_fields.assign(6, {'2', std::string(field_groups_max, 'l')});
  invoice.unknown_fields.push_back({'2', ""});
  const auto room = length_max - written(invoice).size();
  invoice.unknown_fields.back().data.assign(room, 'l');
  const auto text = written(invoice);
  CHECK(text.size() == length_max);
  const auto back = decode(text);
  REQUIRE(back.has_value());
  CHECK(back->unknown_fields == invoice.unknown_fields);
  invoice.unknown_fields.back().data += 'l';
  CHECK(written(invoice) == sentence(EncodeError::too_long));
}

TEST_CASE("numbers are written in their shortest form") {
  for (std::uint64_t bits = 0; bits <= 35; ++bits) {
    for (const std::uint64_t value : {(1ULL << bits) - 1, 1ULL << bits}) {
      auto invoice = smallest();
      invoice.expiry_s = std::min(value, expiry_s_max);
      invoice.min_final_cltv = static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
      const auto back = decode_unverified(written(invoice));
      REQUIRE(back.has_value());
      CHECK(back->expiry_s == invoice.expiry_s);
      CHECK(back->min_final_cltv == invoice.min_final_cltv);
    }
  }
}

TEST_CASE("the payee of a written invoice is its signer") {
  auto invoice = smallest();
  invoice.payee.bytes.fill(9);
  invoice.payee_stated = true;
  CHECK(decode(written(invoice))->payee == public_key(bolt_key()));
}

TEST_CASE("an invoice that could not be read back is not written") {
  const auto key = public_key(bolt_key());
  CHECK(refused([](Invoice&) {}) == "written");
  CHECK(refused([](Invoice& i) { i.amount = 0_msat; }) == sentence(EncodeError::amount_out_of_range));
  CHECK(refused([](Invoice& i) { i.amount = Msat{msat_max.value + 1}; }) == sentence(EncodeError::amount_out_of_range));
  CHECK(refused([](Invoice& i) { i.timestamp_s = timestamp_s_max + 1; }) == sentence(EncodeError::timestamp_out_of_range));
  CHECK(refused([](Invoice& i) { i.expiry_s = expiry_s_max + 1; }) == sentence(EncodeError::expiry_out_of_range));
  CHECK(refused([](Invoice& i) { i.description = std::string(640, 'x'); }) == sentence(EncodeError::description_too_long));
  CHECK(refused([](Invoice& i) { i.description = "\xff"; }) == sentence(EncodeError::description_not_utf8));
  CHECK(refused([](Invoice& i) { i.features = {14, 8}; }) == sentence(EncodeError::features_not_ascending));
  CHECK(refused([](Invoice& i) { i.features = {8, 8}; }) == sentence(EncodeError::features_not_ascending));
  CHECK(refused([](Invoice& i) { i.features = {5'115}; }) == sentence(EncodeError::features_not_ascending));
  CHECK(refused([](Invoice& i) { i.features = {5'113}; }) == "written");
  CHECK(refused([](Invoice& i) { i.features = {100}; }) == sentence(EncodeError::features_refused));
  CHECK(refused([](Invoice& i) { i.routes = {{}}; }) == sentence(EncodeError::route_invalid));
  CHECK(refused([](Invoice& i) { i.routes = {{RouteHop{}}}; }) == sentence(EncodeError::route_invalid));
  CHECK(refused([&](Invoice& i) { i.routes = {RouteHint(12, {key, 1, 2, 3, 4})}; }) == "written");
  CHECK(refused([&](Invoice& i) { i.routes = {RouteHint(13, {key, 1, 2, 3, 4})}; }) == sentence(EncodeError::route_invalid));
  CHECK(refused([](Invoice& i) { i.fallbacks = {{17, Bytes(19)}}; }) == sentence(EncodeError::fallback_invalid));
  CHECK(refused([](Invoice& i) { i.fallbacks = {{19, Bytes(20)}}; }) == sentence(EncodeError::fallback_invalid));
  CHECK(refused([](Invoice& i) { i.metadata = Bytes(640); }) == sentence(EncodeError::metadata_too_long));
  for (const auto& field : {RawField{'p', ""}, RawField{'b', ""}, RawField{'2', "1"}, RawField{'2', "Q"}, RawField{'A', ""},
                            RawField{0, ""}, RawField{'2', std::string(1'024, 'q')}}) {
    CHECK(refused([&](Invoice& i) { i.unknown_fields = {field}; }) == sentence(EncodeError::raw_field_invalid));
  }
  for (const auto& field : {RawField{'p', std::string(52, 'q')}, RawField{'n', std::string(53, 'q')}, RawField{'f', "q"},
                            RawField{'f', ""}, RawField{'2', "q"}}) {
    CHECK(refused([&](Invoice& i) { i.ignored_fields = {field}; }) == sentence(EncodeError::raw_field_invalid));
  }
  for (const auto* order : {"x", "ss", "P", "2", "h", "b", "!"}) {
    CHECK(refused([&](Invoice& i) { i.field_order = order; }) == sentence(EncodeError::field_order_invalid));
  }
  CHECK(refused([](Invoice& i) { i.unknown_fields.assign(7, {'2', std::string(1'000, 'q')}); }) == sentence(EncodeError::too_long));
  CHECK(refused([](Invoice& i) { i.unknown_fields.assign(9, {'2', std::string(1'000, 'q')}); }) == sentence(EncodeError::too_long));
}

}  // namespace encode_test
