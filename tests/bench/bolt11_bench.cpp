// What an invoice costs beyond its signature: reading and writing one, beside libsecp256k1's bare calls in the same program.
// Natively and as a wasm module. Prints one JSON object: microseconds of a call.
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

#include "core/bolt11/decode.hpp"
#include "core/bolt11/encode.hpp"

namespace lntpay::bolt11 {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t samples = 200;
constexpr std::size_t calls = 25;  // in a sample

void require(bool good) {
  if (!good) std::abort();
}

struct Subject {
  const char* name;
  std::function<void()> call;
  std::vector<double> us{};
};

SecretKey key_of(std::uint8_t fill) {
  Bytes32 bytes;
  bytes.fill(fill);
  return *SecretKey::from(bytes);
}

/// As lnd writes them: amount, description, expiry, CLTV, features.
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

/// The subjects take turns, so that whatever else this machine does meets all; what a quarter of the samples stays below counts.
void measure(std::vector<Subject>& subjects) {
  for (std::size_t i = 0; i < samples; ++i) {
    for (auto& subject : subjects) {
      const auto from = Clock::now();
      for (std::size_t k = 0; k < calls; ++k) subject.call();
      subject.us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - from).count() / calls);
    }
  }
  std::string line = "{\"name\":\"bolt11\"";
  for (auto& subject : subjects) {
    const auto quartile = subject.us.begin() + samples / 4;
    std::ranges::nth_element(subject.us, quartile);
    line += ",\"" + std::string(subject.name) + "_us\":" + std::to_string(*quartile);
  }
  std::printf("%s}\n", line.c_str());
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
      {"recover",
       [&] {
         secp256k1_ecdsa_recoverable_signature raw;
         secp256k1_pubkey point;
         require(secp256k1_ecdsa_recoverable_signature_parse_compact(context, &raw, signature.compact.data(),
                                                                     signature.recovery_id) == 1 &&
                 secp256k1_ecdsa_recover(context, &point, &raw, hash.data()) == 1);
       }},
      {"decode", [&] { require(decode(text).has_value()); }},
      {"decode_route", [&] { require(decode(routed_text).has_value()); }},
      {"decode_unverified", [&] { require(decode_unverified(text).has_value()); }},
      {"sign",
       [&] {
         secp256k1_ecdsa_recoverable_signature raw;
         require(secp256k1_ecdsa_sign_recoverable(context, &raw, hash.data(), key.reveal().data(), secp256k1_nonce_function_rfc6979,
                                                  nullptr) == 1);
       }},
      {"encode", [&] { require(encode(invoice, key).has_value()); }},
  };
  measure(subjects);
  secp256k1_context_destroy(context);
}

}  // namespace
}  // namespace lntpay::bolt11

int main() { lntpay::bolt11::run(); }
