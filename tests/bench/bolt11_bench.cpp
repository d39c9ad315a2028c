// Measures the cost of an invoice beyond its signature: decoding and encoding, compared with libsecp256k1's bare calls.
// Runs natively and as a wasm module. Prints one JSON object: microseconds of a call, and ratios to the bare call.
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/encode.hpp"

namespace lntpay::bolt11 {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t samples = 200;
constexpr std::size_t calls = 25;  // per sample

void require(bool good) {
  if (!good) std::abort();
}

struct Subject {
  std::string name;
  std::string bare;  // the subject to compare with
  std::function<void()> call;
  std::vector<double> us{};
};

SecretKey key_of(std::uint8_t fill) {
  Bytes32 bytes;
  bytes.fill(fill);
  return *SecretKey::from(bytes);
}

/// The fields of lnd's invoices: amount, description, expiry, CLTV, features.
Invoice invoice_of() {
  Invoice invoice;
  invoice.network = Network::regtest;
  invoice.amount = 21_sat;
  invoice.timestamp_s = 1'800'000'000;
  invoice.payment_hash.fill(1);
  invoice.payment_secret.fill(2);
  invoice.description = "one API request, answered with a page of text";
  invoice.expiry_s = 600;
  invoice.min_final_cltv = 80;
  invoice.features = {8, 14, 17};
  return invoice;
}

double quartile(std::vector<double> values) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 4);
  std::ranges::nth_element(values, at);
  return *at;
}

/// The subjects take turns, so that other load on the machine affects all alike; the result is the lower quartile.
void measure(std::vector<Subject>& subjects) {
  for (std::size_t i = 0; i < samples; ++i) {
    for (auto& subject : subjects) {
      const auto from = Clock::now();
      for (std::size_t k = 0; k < calls; ++k) subject.call();
      subject.us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - from).count() / calls);
    }
  }
}

/// The median ratio to the bare call of the same turn, since either may have been disturbed.
double ratio(const Subject& subject, const Subject& bare) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < samples; ++i) ratios.push_back(subject.us[i] / bare.us[i]);
  std::ranges::nth_element(ratios, ratios.begin() + samples / 2);
  return ratios[samples / 2];
}

void run() {
  const auto key = key_of(7);
  const auto invoice = invoice_of();
  auto with_route = invoice;
  with_route.routes = {{{public_key(key_of(9)), 1, 2, 3, 4}}};
  const std::string text = encode(invoice, key).value();
  const std::string routed_text = encode(with_route, key).value();
  const auto signature = decode(text)->signature;
  const Bytes32 hash{3};

  auto* const context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  std::vector<Subject> subjects{
      {"recover", "",
       [&] {
         secp256k1_ecdsa_recoverable_signature raw;
         secp256k1_pubkey point;
         require(secp256k1_ecdsa_recoverable_signature_parse_compact(context, &raw, signature.compact.data(),
                                                                     signature.recovery_id) == 1 &&
                 secp256k1_ecdsa_recover(context, &point, &raw, hash.data()) == 1);
       }},
      {"decode", "recover", [&] { require(decode(text).has_value()); }},
      {"decode_route", "recover", [&] { require(decode(routed_text).has_value()); }},
      {"decode_unverified", "", [&] { require(decode_unverified(text).has_value()); }},
      {"sign", "",
       [&] {
         secp256k1_ecdsa_recoverable_signature raw;
         require(secp256k1_ecdsa_sign_recoverable(context, &raw, hash.data(), key.reveal().data(), secp256k1_nonce_function_rfc6979,
                                                  nullptr) == 1);
       }},
      {"encode", "sign", [&] { require(encode(invoice, key).has_value()); }},
  };
  measure(subjects);
  secp256k1_context_destroy(context);
  std::string line = R"({"name":"bolt11")";
  for (const auto& subject : subjects) {
    line += ",\"" + subject.name + "_us\":" + std::to_string(quartile(subject.us));
    if (const auto bare = std::ranges::find(subjects, subject.bare, &Subject::name); bare != subjects.end())
      line += ",\"" + subject.name + "_ratio\":" + std::to_string(ratio(subject, *bare));
  }
  std::printf("%s}\n", line.c_str());
}

}  // namespace
}  // namespace lntpay::bolt11

int main() { lntpay::bolt11::run(); }
