// A live workspace that sells challenges of a gate, at an lnd.
#pragma once
#include "core/base/encoding.hpp"
#include "core/charge/challenge_end.hpp"
#include "core/charge/challenge_issue.hpp"
#include "core/charge/challenge_settlement.hpp"
#include "core/charge/invoice_stream.hpp"
#include "core/event/event.hpp"
#include "core/ledger/verification.hpp"
#include "tests/support/lnd_invoices.hpp"

namespace lntpay::test {

struct ChallengeShop {
  CoreWorld world;
  LndInvoices lnd{world};
  GateId gate = GateId::generate(world.tenant.shard(), world.now, world.random);
  std::vector<std::string> alarms;

  Result<Charge> issue() {
    return world.run([&](Context& cx) {
      return issue_challenge(
          cx, world.tenant,
          {.gate = gate, .amount = 21_sat, .description = "GET /reports/7", .gate_terms = "terms", .client = {"c"}}, {});
    });
  }
  Charge issued() {
    auto made = issue();
    REQUIRE(made.has_value());
    return *made;
  }

  [[nodiscard]] std::optional<ChallengeRow> row(const Bytes32& hash) const {
    const auto found = world.store.rows().find(challenge_key(world.tenant, hash));
    return found == world.store.rows().end() ? std::nullopt : std::optional(from_row<ChallengeRow>(found->second.value).value());
  }
  [[nodiscard]] std::vector<std::string> due() const {
    std::vector<std::string> keys;
    for (const auto& [key, entry] : world.store.rows()) {
      const auto work = parse_due_key(key);
      if (work && work->kind == challenge_kind) keys.push_back(key);
    }
    return keys;
  }
  Result<> run_task(const std::string& key) {
    return world.run([&](Context& cx) -> Task<Result<>> {
      const auto ended = co_await attempt(run_challenge(cx, key));
      alarms.insert(alarms.end(), cx.alarms.begin(), cx.alarms.end());
      co_return ended;
    });
  }
  /// Runs due tasks at their times for `span`; a failed one is retried when its lease ends. Yields their number.
  int pass(Millis span) {
    const auto until = world.now + span;
    int ran = 0;
    for (auto keys = due(); !keys.empty() && due_time(keys.front()) <= until; keys = due()) {
      world.now = std::max(world.now, due_time(keys.front()));
      (void)run_task(keys.front());
      ++ran;
    }
    world.now = std::max(world.now, until);
    return ran;
  }
  Result<> take(std::vector<std::string> lines) {
    return world.run([&](Context& cx) { return take_invoice_lines(cx, lines); });
  }
  Result<Charge> refresh(const Bytes32& hash) {
    return world.run([&](Context& cx) { return refresh_challenge(cx, world.tenant, hash); });
  }

  /// "1 of 21000 in 1 entries | charge.paid | settled"
  std::string text(const Bytes32& hash) {
    const auto account = world.must([&](Context& cx) { return read_account(cx, world.tenant); });
    CHECK(world.must([&](Context& cx) { return verify_entries(cx, world.tenant, {}, 1'000); }).ok);
    std::string out = std::to_string(world.store.count("/charge/ch_")) + " of " + std::to_string(account.available.value) + " in " +
                      std::to_string(account.entries) + " entries |";
    for (std::uint64_t seq = 1; seq <= account.events; ++seq) {
      const auto event = from_row<Event>(world.store.rows().at(event_key(world.tenant, seq)).value).value();
      out.append(" ").append(name_of(event.type));
    }
    const auto challenge = row(hash);
    return out + " | " + (challenge ? std::string(name_of(challenge->state)) : "none") + ", due " + std::to_string(due().size());
  }
};

/// Of `text`.
inline constexpr std::string_view unpaid_text = "0 of 0 in 0 entries | | issued, due 1";
inline constexpr std::string_view paid_text = "1 of 21000 in 1 entries | charge.paid | settled, due 0";
inline constexpr std::string_view gone_text = "0 of 0 in 0 entries | | none, due 0";

inline bool is_call(const Outgoing& asked, std::string_view path) { return asked.target.starts_with(path); }

}  // namespace lntpay::test
