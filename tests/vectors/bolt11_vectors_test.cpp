// BOLT 11 against the specification's own examples and the invoices in the test suites of other implementations.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/encoding.hpp"
#include "core/lightning/bolt11/amount.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/encode.hpp"
#include "core/lightning/bolt11/warnings.hpp"
#include "tests/vectors/vectors.hpp"

namespace bolt11_vectors_test {
using namespace lntpay;
using namespace lntpay::bolt11;
using nlohmann::json;

namespace {

std::string lower(std::string text) {
  for (auto& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

json routes_of(const Invoice& invoice) {
  json routes = json::array();
  for (const auto& hint : invoice.routes) {
    json& hops = routes.emplace_back(json::array());
    for (const auto& hop : hint) {
      const auto channel = hop.short_channel_id;
      hops.push_back({{"pubkey", hex(hop.node.bytes)},
                      {"short_channel_id", std::to_string(channel >> 40) + 'x' + std::to_string(channel >> 16 & 0xffffff) + 'x' +
                                               std::to_string(channel & 0xffff)},
                      {"fee_base_msat", hop.fee_base_msat},
                      {"fee_proportional_millionths", hop.fee_proportional_millionths},
                      {"cltv_expiry_delta", hop.cltv_expiry_delta}});
    }
  }
  return routes;
}

json fallbacks_of(const Invoice& invoice) {
  if (invoice.fallbacks.empty()) return nullptr;
  json fallbacks = json::array();
  for (const auto& fallback : invoice.fallbacks)
    fallbacks.push_back({{"version", fallback.version}, {"program", hex(fallback.program)}});
  return fallbacks;
}

json without_address(json fallbacks) {
  if (fallbacks.is_null()) return fallbacks;
  for (auto& fallback : fallbacks) fallback.erase("address");
  return fallbacks;
}

// An invoice in the terms of the vectors.
json described(const Invoice& invoice) {
  json fields{{"network", invoice.network == Network::bitcoin ? "mainnet" : name(invoice.network)},
              {"amount_msat", nullptr},
              {"timestamp", invoice.timestamp_s},
              {"payment_hash", hex(invoice.payment_hash)},
              {"payment_secret", hex(invoice.payment_secret)},
              {"payee", hex(invoice.payee.bytes)},
              {"expiry", invoice.expiry_s.value_or(expiry_default_s)},
              {"expiry_present", invoice.expiry_s.has_value()},
              {"min_final_cltv_expiry", invoice.final_cltv_blocks()},
              {"min_final_cltv_expiry_present", invoice.min_final_cltv.has_value()},
              {"features", nullptr},
              {"routes", routes_of(invoice)},
              {"fallback", fallbacks_of(invoice)},
              {"metadata", nullptr},
              {"signature", hex(invoice.signature.compact)},
              {"recovery_id", invoice.signature.recovery_id},
              {"high_s", has_high_s(invoice.signature.compact)},
              {"field_order", lower(invoice.field_order)}};
  if (invoice.amount) fields["amount_msat"] = invoice.amount->value;
  if (!invoice.features.empty()) fields["features"] = invoice.features;
  if (invoice.metadata) fields["metadata"] = hex(*invoice.metadata);
  if (const auto* text = std::get_if<std::string>(&invoice.description)) fields["description"] = *text;
  if (const auto* hash = std::get_if<DescriptionHash>(&invoice.description)) fields["description_hash"] = hex(hash->sha256);
  return fields;
}

// Every value of the vector with a name in `described`.
void check_fields(const Invoice& invoice, const json& stated) {
  const json ours = described(invoice);
  for (const auto& [key, value] : ours.items()) {
    if (!stated.contains(key)) continue;
    CAPTURE(key);
    CHECK(value.dump() == (key == "fallback" ? without_address(stated.at(key)) : stated.at(key)).dump());
  }
}

// Maps the vectors' reasons to this project's.
const std::map<std::string, std::set<Reason>> spec_reasons{
    {"unknown_even_feature_bit", {Reason::feature_unknown}},
    {"bech32_checksum", {Reason::checksum_wrong}},
    {"bech32_no_separator", {Reason::separator_missing}},
    {"bech32_mixed_case", {Reason::case_mixed}},
    {"signature_not_recoverable", {Reason::signature_invalid}},
    {"too_short", {Reason::data_too_short}},
    {"invalid_multiplier", {Reason::amount_multiplier_unknown}},
    {"sub_millisatoshi_precision", {Reason::amount_below_one_msat}},
    {"missing_payment_secret", {Reason::payment_secret_missing}},
    {"high_s_with_n", {Reason::signature_high_s, Reason::field_repeated}},  // it carries s twice too, and that is seen first
};

}  // namespace

TEST_CASE("every valid example of BOLT 11 decodes, and encodes again bit for bit") {
  const auto file = vectors::load("bolt11_spec_vectors.json");
  if (!file) return;
  const auto key = SecretKey::from(*hex_decode32(file->at("signing_key").get<std::string>()));
  REQUIRE(key.has_value());
  CHECK(file->at("valid").size() == 16);
  for (const auto& entry : file->at("valid")) {
    const std::string text = entry.at("invoice");
    CAPTURE(text);
    const auto invoice = decode(text);
    REQUIRE_MESSAGE(invoice.has_value(), name(invoice.error().reason));
    check_fields(*invoice, entry);
    if (entry.at("reproducible_with_signing_key_rfc6979").get<bool>()) CHECK(encode(*invoice, *key) == lower(text));
  }
}

TEST_CASE("every invalid example of BOLT 11 is rejected for its reason") {
  const auto file = vectors::load("bolt11_spec_vectors.json");
  if (!file) return;
  CHECK(file->at("invalid").size() == 10);
  for (const auto& entry : file->at("invalid")) {
    const std::string text = entry.at("invoice");
    const std::string reason = entry.at("reason_code");
    CAPTURE(text);
    CAPTURE(reason);
    const auto invoice = decode(text);
    REQUIRE_FALSE(invoice.has_value());
    CHECK(spec_reasons.at(reason).contains(invoice.error().reason));
  }
}

TEST_CASE("invoices of other implementations' tests get the specification's verdict") {
  const auto file = vectors::load("bolt11_peer_vectors.json");
  if (!file) return;
  CHECK(file->at("invoices").size() == 252);
  int lenient = 0;
  for (const auto& entry : file->at("invoices")) {
    const std::string text = entry.at("invoice");
    const bool valid = entry.at("spec_strict").at("verdict").get<std::string>() == "valid";
    const std::string reasons = entry.at("spec_strict").value("reasons", json::array()).dump();
    CAPTURE(text);
    CAPTURE(reasons);
    const auto invoice = decode(text);
    const std::string ours =
        invoice ? "accepted" : std::string{name(invoice.error().reason)} + " at " + std::to_string(invoice.error().at);
    CAPTURE(ours);
    if (invoice && !valid) {
      // The one example that the specification publishes as valid although it carries fields of a wrong length.
      CHECK(reasons.find("data_length") != std::string::npos);
      CHECK_FALSE(invoice->ignored_fields.empty());
      ++lenient;
    } else {
      CHECK(invoice.has_value() == valid);
    }
    if (invoice) check_fields(*invoice, entry.at("fields"));
  }
  CHECK(lenient == 1);
}

TEST_CASE("a valid invoice gets a warning exactly if a released LDK rejects it") {
  const auto file = vectors::load("bolt11_peer_vectors.json");
  if (!file) return;
  int refused_by_ldk = 0;
  for (const auto& entry : file->at("invoices")) {
    const std::string text = entry.at("invoice");
    const auto invoice = decode(text);
    const auto verdicts = entry.value("runtime_verdicts", json::object());
    if (!invoice || !verdicts.contains("ldk_0.1.2")) continue;
    CAPTURE(text);
    const std::string ldk = verdicts.at("ldk_0.1.2");
    CAPTURE(ldk);
    const auto concerns_ldk = [](Warning warning) {
      return warning == Warning::payment_secret_feature_missing || warning == Warning::signature_high_s ||
             warning == Warning::feature_required;
    };
    CHECK(std::ranges::any_of(warnings(*invoice), concerns_ldk) == (ldk != "ok"));
    if (ldk != "ok") ++refused_by_ldk;
  }
  CHECK(refused_by_ldk == 69);
}

TEST_CASE("amounts decode and encode as in lnd") {
  const auto file = vectors::load("bolt11_peer_vectors.json");
  if (!file) return;
  const json& amounts = file->at("amounts").at("lnd");
  for (const auto& entry : amounts.at("decode")) {
    const std::string text = entry.at("amount");
    CAPTURE(text);
    const auto amount = read_amount(text);
    CHECK(amount.has_value() == entry.at("valid").get<bool>());
    if (amount) CHECK(amount->value == entry.at("msat").get<std::uint64_t>());
  }
  for (const auto& entry : amounts.at("encode"))
    CHECK(write_amount({entry.at("msat").get<std::uint64_t>()}) == entry.at("amount").get<std::string>());
}

}  // namespace bolt11_vectors_test
