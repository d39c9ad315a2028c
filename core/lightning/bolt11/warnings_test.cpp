// Warnings: none for a universally accepted invoice, one for each rule of another implementation.
#include "core/lightning/bolt11/warnings.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

namespace warnings_test {
using namespace lntpay;
using namespace lntpay::bolt11;

namespace {

Invoice unobjectionable() {
  Invoice invoice;
  invoice.features = {9, 14, 17};
  return invoice;
}

std::string warned(const Invoice& invoice) {
  std::string text;
  for (const auto warning : warnings(invoice)) text += (text.empty() ? "" : " ") + std::string{name(warning)};
  return text;
}

}  // namespace

TEST_CASE("an invoice that every node accepts has no warning") { CHECK(warned(unobjectionable()) == ""); }

TEST_CASE("an invoice without features has warnings") {
  CHECK(warned({}) == "onion_feature_missing payment_secret_feature_missing");
  auto invoice = unobjectionable();
  invoice.features = {8};
  CHECK(warned(invoice) == "payment_secret_feature_missing");
}

TEST_CASE("a required feature that some released readers do not know has a warning") {
  auto invoice = unobjectionable();
  for (const auto bit : std::initializer_list<std::uint16_t>{25, 37, 48, 49}) {
    invoice.features = {8, 14, bit};
    CHECK(warned(invoice) == "");
  }
  for (const auto bit : std::initializer_list<std::uint16_t>{24, 36}) {
    invoice.features = {8, 14, bit};
    CHECK(warned(invoice) == "feature_required");
  }
}

TEST_CASE("a high S has a warning") {
  auto invoice = unobjectionable();
  invoice.signature.compact.fill(0xfe);
  CHECK(warned(invoice) == "signature_high_s");
}

TEST_CASE("fields of a wrong length have a warning, addresses of a new version do not") {
  auto invoice = unobjectionable();
  invoice.ignored_fields = {{'f', "n"}};
  CHECK(warned(invoice) == "");
  invoice.ignored_fields.push_back({'p', "q"});
  CHECK(warned(invoice) == "fields_ignored");
}

TEST_CASE("both bits of a feature have a warning") {
  auto invoice = unobjectionable();
  invoice.features = {9, 14, 16, 17};
  CHECK(warned(invoice) == "feature_pair");
  invoice.features = {9, 14, 17, 18};
  CHECK(warned(invoice) == "");
}

}  // namespace warnings_test
