// The invoices of an lnd, for tests in a CoreWorld: add, look up, cancel, getinfo; they expire by its clock.
//
//   CoreWorld world;
//   LndInvoices lnd(world);   // the world's receiver, and its tenant is live
#pragma once
#include <doctest/doctest.h>

#include <array>
#include <ctime>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/encode.hpp"
#include "core/lightning/node/lnd.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::test {

class LndInvoices {
 public:
  struct Invoice {
    std::string memo;
    std::uint64_t amount_msat = 0;
    std::uint64_t created_s = 0;
    std::uint64_t expiry_s = 0;
    std::string bolt11;
    std::string state = "OPEN";
    std::uint64_t paid_msat = 0;
    std::uint64_t settled_s = 0;
    std::uint64_t settle_index = 0;
  };

  explicit LndInvoices(CoreWorld& of) : world_(of) {
    world_.settings.live_node = true;
    world_.settings.live_network = "regtest";
    world_.tenant.environment = Environment::live;
    world_.latency = {};
    world_.receiver = [this](const Outgoing& asked) -> Reply {
      ++asked_for[asked.target.substr(0, asked.target.find('/', 4))];
      if (instead) {
        if (auto other = instead(asked)) return *other;
      }
      return answer_to(asked);
    };
  }

  std::map<std::string, Invoice> invoices;  ///< by payment hash in hex
  std::map<std::string, int> asked_for;     ///< by the start of the path
  std::string identity = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
  bool sends_date = true;
  Millis ahead{};  ///< its clock, of the host's
  /// Answers in place of the node.
  std::function<std::optional<Reply>(const Outgoing&)> instead;

  Invoice& only() {
    REQUIRE(invoices.size() == 1);
    return invoices.begin()->second;
  }
  void settle(const Bytes32& hash, std::uint64_t paid_msat) {
    auto& invoice = invoices.at(hex(hash));
    invoice.state = "SETTLED";
    invoice.paid_msat = paid_msat;
    invoice.settled_s = now_s();
    invoice.settle_index = ++settled_;
  }
  /// The line of the stream about a settled invoice.
  [[nodiscard]] std::string line(const Bytes32& hash) const { return R"({"result":)" + text_of(hex(hash)) + "}"; }

  static std::string error_text(int code, std::string_view message) {
    return R"({"code":)" + std::to_string(code) + R"(, "message":")" + std::string(message) + R"(", "details":[]})";
  }

 private:
  [[nodiscard]] std::uint64_t now_s() const { return (world_.now + ahead).value / 1'000; }

  [[nodiscard]] Reply reply(std::uint16_t status, std::string body) const {
    Response response{status, {}, std::move(body)};
    const auto at = static_cast<std::time_t>(now_s());
    std::array<char, 40> date{};
    std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&at));
    if (sends_date) response.headers.push_back({"date", date.data()});
    return Answered{std::move(response)};
  }

  [[nodiscard]] std::string text_of(const std::string& hash) const {
    const auto& invoice = invoices.at(hash);
    const auto number = [](std::uint64_t n) { return "\"" + std::to_string(n) + "\""; };
    return R"({"memo":")" + invoice.memo + R"(","r_hash":")" + base64(Base64::standard, *hex_decode(hash)) + R"(","value_msat":)" +
           number(invoice.amount_msat) + R"(,"creation_date":)" + number(invoice.created_s) + R"(,"settle_date":)" +
           number(invoice.settled_s) + R"(,"payment_request":")" + invoice.bolt11 + R"(","expiry":)" + number(invoice.expiry_s) +
           R"(,"settle_index":)" + number(invoice.settle_index) + R"(,"amt_paid_msat":)" + number(invoice.paid_msat) +
           R"(,"state":")" + invoice.state + "\"}";
  }

  Reply answer_to(const Outgoing& asked) {
    for (auto& [hash, invoice] : invoices) {
      if (invoice.state == "OPEN" && now_s() >= invoice.created_s + invoice.expiry_s) invoice.state = "CANCELED";
    }
    if (asked.target == "/v1/getinfo") return reply(200, R"({"identity_pubkey":")" + identity + "\"}");
    if (asked.target == "/v1/invoices") return add(*lnd::read_message(asked.body));
    if (asked.target == "/v2/invoices/cancel") return cancel(*lnd::read_message(asked.body));
    const auto hash = asked.target.substr(asked.target.rfind('/') + 1);
    if (!invoices.contains(hash)) return reply(404, error_text(5, "unable to locate invoice"));
    return reply(200, text_of(hash));
  }

  Reply add(const Json& body) {
    const auto hash = sha256(*base64_decode32(Base64::standard, lnd::text_in(body, "r_preimage")));
    if (invoices.contains(hex(hash))) return reply(500, error_text(2, "invoice with payment hash already exists"));
    Invoice invoice{.memo = std::string(lnd::text_in(body, "memo")),
                    .amount_msat = *lnd::number_in(body, "value_msat"),
                    .created_s = now_s(),
                    .expiry_s = *lnd::number_in(body, "expiry"),
                    .bolt11 = {}};
    const bolt11::Invoice written{.network = bolt11::Network::regtest,
                                  .amount = Msat{invoice.amount_msat},
                                  .timestamp_s = invoice.created_s,
                                  .payment_hash = hash,
                                  .description = invoice.memo,
                                  .expiry_s = invoice.expiry_s,
                                  .features = {8, 14}};
    invoice.bolt11 = bolt11::encode(written, sandbox_key("an lnd")).value();
    const auto& added = invoices.emplace(hex(hash), std::move(invoice)).first->second;
    return reply(200, R"({"r_hash":"","payment_request":")" + added.bolt11 + R"(","add_index":"1"})");
  }

  Reply cancel(const Json& body) {
    const auto hash = hex(*base64_decode32(Base64::standard, lnd::text_in(body, "payment_hash")));
    const auto found = invoices.find(hash);
    if (found == invoices.end()) return reply(404, error_text(5, "unable to locate invoice"));
    if (found->second.state == "SETTLED") return reply(500, error_text(2, "invoice already settled"));
    found->second.state = "CANCELED";
    return reply(200, "{}");
  }

  CoreWorld& world_;
  std::uint64_t settled_ = 0;
};

}  // namespace lntpay::test
