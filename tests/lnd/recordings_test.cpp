// The client's results for every recorded response of a real lnd.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/node/lnd.hpp"
#include "tests/lnd/outcomes.hpp"
#include "tests/lnd/recordings.hpp"
#include "tests/support/scripted_node.hpp"

namespace lntpay::recordings_test {
namespace {

using lnd_recordings::all;
using lnd_recordings::Asks;
using lnd_recordings::Call;
using lnd_recordings::Recording;
using lnd_recordings::Row;
using lnd_recordings::rows;
using lnd_recordings::unused;
using test::Script;
using test::text;

std::string funds_text(const Result<std::optional<Msat>>& funds) {
  return funds && *funds ? std::to_string((*funds)->value) : "unknown";
}

Bytes32 bytes32_of(const std::optional<Bytes>& bytes) {
  Bytes32 out{};
  if (bytes && bytes->size() == out.size()) std::ranges::copy(*bytes, out.begin());
  return out;
}
Bytes32 from_base64(Base64 form, const std::string& text) { return bytes32_of(base64_decode(form, text)); }

std::string member(const Recording& recording, const char* name, std::string otherwise = {}) {
  return recording.body.is_object() ? recording.body.value(name, otherwise) : otherwise;
}

std::string last_segment(const std::string& path) { return path.substr(path.rfind('/') + 1, path.find('?') - path.rfind('/') - 1); }

/// lnd generates a preimage if none is given; a listing may show it later.
Bytes32 preimage_of(const Recording& recording) {
  if (const auto given = member(recording, "r_preimage"); !given.empty()) return from_base64(Base64::standard, given);
  const auto answer = nlohmann::json::parse(recording.response.body);
  if (!answer.contains("r_hash")) return {};
  for (const auto& invoice : nlohmann::json::parse(all().at("invoice-list").response.body).at("invoices")) {
    if (invoice.at("r_hash") == answer.at("r_hash")) return from_base64(Base64::standard, invoice.at("r_preimage"));
  }
  return {};
}

InvoiceRequest invoice_request(const Recording& recording) {
  const auto sats = member(recording, "value", "0");
  const Msat amount{std::stoull(member(recording, "value_msat", sats + "000"))};
  InvoiceRequest asked{.preimage = preimage_of(recording),
                       .amount = amount == 0_msat ? std::nullopt : std::optional(amount),
                       .description = member(recording, "memo"),
                       .expiry_s = static_cast<std::uint32_t>(std::stoul(member(recording, "expiry", "86400")))};
  if (const auto hash = member(recording, "description_hash"); !hash.empty())
    asked.description = bolt11::DescriptionHash{from_base64(Base64::standard, hash)};
  return asked;
}

PaymentOrder payment_order(const Recording& recording) {
  PaymentOrder order{.bolt11 = member(recording, "payment_request"),
                     .payment_hash = from_base64(Base64::standard, member(recording, "payment_hash")),
                     .amount = {std::stoull(member(recording, "amt_msat", "0"))},
                     .amount_stated = member(recording, "amt_msat").empty(),
                     .fee_limit = {std::stoull(member(recording, "fee_limit_msat", "0"))}};
  if (const auto invoice = bolt11::decode(order.bolt11)) order.payment_hash = invoice->payment_hash;
  return order;
}

/// Whether the client's request equals the recorded one, apart from parts that the client never sends.
bool asks_alike(const Outgoing& asked, const Recording& recording) {
  if (asked.method != recording.method || asked.target != recording.path) return false;
  if (!recording.body.is_object()) return asked.body.empty();
  auto ours = nlohmann::json::parse(asked.body);
  auto theirs = recording.body;
  for (const auto* ignored : {"timeout_seconds", "no_inflight_updates"}) {
    ours.erase(ignored);
    theirs.erase(ignored);
  }
  return ours == theirs;
}

struct Played {
  std::string outcome;
  Asks asks{};
};

Played play(const Row& row) {
  const auto& recording = all().at(row.recording);
  std::vector<Reply> replies;
  replies.emplace_back(Answered{recording.response});
  if (row.then != nullptr) replies.emplace_back(Answered{all().at(row.then).response});
  Script script;
  LndNode node(script.context());
  const auto segment = last_segment(recording.path);
  Played played;
  switch (row.call) {
    case Call::add: played.outcome = text(script.play(node.add_invoice(invoice_request(recording)), std::move(replies))); break;
    case Call::lookup: played.outcome = text(script.play(node.lookup(bytes32_of(hex_decode(segment))), std::move(replies))); break;
    case Call::cancel:
      played.outcome =
          text(script.play(node.cancel(from_base64(Base64::standard, member(recording, "payment_hash"))), std::move(replies)));
      break;
    case Call::identity: played.outcome = text(script.play(node.identity(), std::move(replies))); break;
    case Call::send: played.outcome = text(script.play(node.send_payment(payment_order(recording)), std::move(replies))); break;
    case Call::funds: played.outcome = funds_text(script.play(node.funds(), std::move(replies))); break;
    case Call::track:
      played.outcome = text(script.play(node.look_up_payment(from_base64(Base64::url, segment)), std::move(replies)));
      break;
  }
  played.asks = asks_alike(script.asked.at(0), recording) ? Asks::same : Asks::other;
  return played;
}

}  // namespace

TEST_CASE("every recorded response of lnd gives the result in the table") {
  for (const auto& row : rows()) {
    CAPTURE(row.recording);
    const auto played = play(row);
    CHECK(played.outcome == row.outcome);
    CHECK((played.asks == row.asks));
  }
}

TEST_CASE("a node can receive its peers' balances less the reserve, from their minimum on") {
  Script script;
  const auto played = [](const char* name) { return Answered{all().at(name).response}; };
  const auto said =
      script.play(LndNode(script.context()).receivable(), {played("dated-channels-active"), played("dated-graph-edge")});
  CHECK(said == R"({"capacity_msat":7841002000,"smallest_msat":1000})");
  CHECK(script.asked.at(0).target == all().at("dated-channels-active").path);
  CHECK(script.asked.at(1).target == all().at("dated-graph-edge").path);
}

TEST_CASE("a recorded payment has the received amount once it is settled") {
  const auto amount = [](const char* name) {
    Script script;
    const auto& recording = all().at(name);
    const auto hash = from_base64(Base64::url, last_segment(recording.path));
    return script.play(LndNode(script.context()).look_up_payment(hash), {Answered{recording.response}})->record.amount;
  };
  CHECK(amount("dated-track-succeeded") == Msat{1'000'000});
  CHECK_FALSE(amount("dated-track-failed"));
}

TEST_CASE("a recorded payment truncated anywhere is never final") {
  for (const auto& row : rows()) {
    if (row.call != Call::send) continue;
    CAPTURE(row.recording);
    const auto& recording = all().at(row.recording);
    const auto order = payment_order(recording);
    constexpr std::size_t stride = 7;  // every byte would only take longer
    const auto end = recording.response.body.find_last_of('}');
    for (std::size_t size = 0; size < end; size += stride) {
      CAPTURE(size);
      auto cut = recording.response;
      cut.body.resize(size);
      Script script;
      LndNode node(script.context());
      CHECK(script.play(node.send_payment(order), {Answered{cut}}).outcome == SendOutcome::unclear);
      CHECK(script.play(node.send_payment(order), {Broken{cut, "reset"}}).outcome == SendOutcome::unclear);
    }
    Script script;
    const auto whole = script.play(LndNode(script.context()).send_payment(order), {Broken{recording.response, "reset"}});
    CHECK(whole.outcome == SendOutcome::unclear);
  }
}

TEST_CASE("every recording is played, or listed as a call that is not made") {
  std::set<std::string> listed(std::begin(unused), std::end(unused));
  const auto not_played = listed;
  for (const auto& row : rows()) {
    CHECK_FALSE(not_played.contains(row.recording));
    listed.insert(row.recording);
  }
  std::set<std::string> recorded;
  for (const auto& [name, recording] : all()) recorded.insert(name);
  CHECK(listed == recorded);
}

}  // namespace lntpay::recordings_test
