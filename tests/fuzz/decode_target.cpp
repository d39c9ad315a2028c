// Fuzzes the invoice decoder: any bytes are an invoice or a named reason with a position, the same in upper case, the same without
// checking the signature unless the signature is wrong, with memory bounded by the length of the text.
#include <algorithm>
#include <string>
#include <string_view>

#include "core/lightning/bolt11/bech32.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/payable.hpp"
#include "core/lightning/bolt11/warnings.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/heap.hpp"
#include "tests/fuzz/verdict.hpp"

using namespace lntpay;
using namespace lntpay::bolt11;
using namespace lntpay::fuzz;

namespace {

bool is_of_signature(Reason reason) {
  return reason == Reason::recovery_id_invalid || reason == Reason::signature_invalid || reason == Reason::signature_high_s ||
         reason == Reason::payee_mismatch;
}

// An empty field of three characters needs the most: an element of a list that doubles as it grows.
std::size_t heap_max(std::size_t text_size) { return text_size > length_max ? 0 : 1'024 + 64 * text_size; }

Reading read_on_budget(std::string_view text) {
  const HeapMeter meter;
  auto reading = decode(text);
  expect(meter.bytes() <= heap_max(text.size()), "memory is bounded by the text's size");
  return reading;
}

void check_unverified(std::string_view text, const Reading& verified) {
  auto reading = decode_unverified(text);
  if (!verified && is_of_signature(verified.error().reason)) {
    return expect(reading || reading.error().reason == Reason::payee_not_a_key, "a wrong signature is all that was wrong");
  }
  if (verified && reading) {
    expect(!reading->payee_stated || reading->payee == verified->payee, "the payee that is stated is the one that signed");
    reading->payee = verified->payee;
    reading->signature = verified->signature;
  }
  expect_equal(line_of(reading), line_of(verified), "with and without the signature the same is read");
}

void check_capitals(std::string_view text, const Reading& reading) {
  if (std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; })) return;
  std::string capitals{text};
  for (auto& c : capitals) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  expect_equal(line_of(decode(capitals)), line_of(reading), "capitals say the same");
}

void check_invoice(const Invoice& invoice) {
  expect(invoice.amount.value_or(1_msat) > 0_msat && invoice.amount.value_or(1_msat) <= msat_max, "an amount is in range");
  expect(invoice.timestamp_s <= timestamp_s_max && invoice.expiry_s.value_or(0) <= expiry_s_max, "times fit in 35 bits");
  expect(invoice.expires_at() >= invoice.created_at(), "an invoice does not expire before it is made");
  expect(is_valid(invoice.payee), "the payee is a key");
  expect(std::ranges::adjacent_find(invoice.features, std::greater_equal{}) == invoice.features.end(), "feature bits ascend");
  const auto warned = warnings(invoice);
  expect(std::ranges::adjacent_find(warned, std::greater_equal{}) == warned.end(), "each warning stands once, in order");
  const PayerRules rules{.network = invoice.network};
  expect(payable(invoice, {invoice.expires_at().value}, rules) == std::unexpected{ErrorCode::bolt11_expired}, "an invoice expires");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto reading = read_on_budget(text);
  if (reading) {
    check_invoice(*reading);
  } else {
    expect(reading.error().at <= text.size(), "a fault lies in the text");
    expect(!name(reading.error().reason).empty() && !sentence(reading.error().reason).empty(), "a reason has words");
  }
  check_unverified(text, reading);
  check_capitals(text, reading);
  return 0;
}
