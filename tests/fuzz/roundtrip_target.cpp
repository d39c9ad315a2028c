// Fuzzes round trips. An input that begins with "ln" is a text: once decoded, it is encoded again with the same meaning. Other
// bytes generate an invoice: it is encoded exactly if it is valid, and decodes to itself.
#include <algorithm>
#include <string>
#include <string_view>

#include "core/lightning/bolt11/encode.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/generate.hpp"
#include "tests/fuzz/parts.hpp"
#include "tests/fuzz/verdict.hpp"

using namespace lntpay;
using namespace lntpay::bolt11;
using namespace lntpay::fuzz;

namespace {

const PublicKey& known_node() {
  static const auto node = public_key(known_key());
  return node;
}

const SecretKey& other_key() {
  static const auto key = [] {
    Bytes32 bytes{};
    bytes.fill(7);
    return SecretKey::from(bytes);
  }();
  return *key;
}

/// The signed part, apart from the amount, which has several spellings.
std::string_view unsigned_data(std::string_view text) {
  const auto data = text.substr(text.rfind('1') + 1);
  return data.substr(0, data.size() - 104 - checksum_groups);
}

void check_text(std::string_view text) {
  const auto invoice = decode(text);
  if (!invoice) return;
  const bool ours = invoice->payee == known_node();
  const auto& key = ours ? known_key() : other_key();
  const auto written = encode(*invoice, key);
  expect(written.has_value(), "what is read can be written");
  expect(written->size() <= text.size(), "and is not longer");
  const auto back = decode(*written);
  expect(back.has_value(), "and is read again");
  auto expected = *invoice;
  expected.payee = public_key(key);
  expected.signature = back->signature;
  expect_equal(line_of(*back), line_of(expected), "as the same invoice");
  expect(*back == expected, "and equal to it");
  if (!ours && invoice->payee_stated) return;
  std::string lower{text};
  for (auto& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  expect_equal(unsigned_data(*written), unsigned_data(lower), "bit for bit");
}

// Raw fields keep their places: their lists are in the order of the text.
std::string shuffled(std::string order, Choices& choices) {
  const auto moves = [](char letter) { return std::string_view{"pshndxc9fmr"}.contains(letter); };
  for (std::size_t i = order.size(); i > 1; --i) {
    auto& left = order[i - 1];
    auto& right = order[static_cast<std::size_t>(choices.below(i))];
    if (moves(left) && moves(right)) std::swap(left, right);
  }
  return order;
}

void check_generated(ByteView bytes) {
  Choices choices{bytes};
  const auto made = generate(choices);
  const auto& invoice = made.invoice;
  const auto text = encode(invoice, known_key());
  if (made.spoilt || !text) {
    return expect(!text && (made.spoilt || text.error() == EncodeError::too_long), "exactly what can be read is written");
  }
  const auto back = decode(*text);
  expect(back.has_value(), "what is written is read");
  auto expected = invoice;
  expected.payee = known_node();
  expected.signature = back->signature;
  expected.field_order = back->field_order;
  expect_equal(line_of(*back), line_of(expected), "as the invoice that it was");
  expect(*back == expected, "and equal to it");
  expect_equal(*encode(*back, known_key()), *text, "the same invoice has the same text");

  auto moved = *back;
  moved.field_order = shuffled(back->field_order, choices);
  const auto moved_back = decode(*encode(moved, known_key()));
  expect(moved_back.has_value(), "fields are read in any order");
  moved.signature = moved_back->signature;
  expect_equal(line_of(*moved_back), line_of(moved), "and the order is kept");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (text.starts_with("ln") || text.starts_with("LN")) {
    check_text(text);
  } else {
    check_generated({data, size});
  }
  return 0;
}
