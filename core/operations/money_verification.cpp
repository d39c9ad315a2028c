// A withdrawal or charge is read after the row that it is compared with, so its state is the same or later.
#include "core/operations/money_verification.hpp"

#include <algorithm>
#include <vector>

#include "core/base/encoding.hpp"
#include "core/charge/charge_verification.hpp"
#include "core/withdrawal/withdrawal_verification.hpp"

namespace lntpay {
namespace {

Task<Result<std::optional<BrokenEntry>>> check_entries(Context& cx, TenantScope tenant, std::vector<LedgerEntry> entries) {
  auto withdrawal = co_await check_withdrawal_entries(cx, tenant, entries);
  auto charge = co_await check_charge_entries(cx, std::move(tenant), std::move(entries));
  if (!withdrawal || (charge && charge->seq < withdrawal->seq)) co_return charge;
  co_return withdrawal;
}

enum class RecordKind : std::uint8_t { withdrawal, charge, ticket };

/// Records that must have entries: those of one status, or the tickets of adjustments.
struct Collection {
  RecordKind kind{};
  std::string_view status;

  [[nodiscard]] std::string prefix(const TenantScope& tenant) const {
    switch (kind) {
      case RecordKind::withdrawal: return withdrawals_by_status(tenant, *from_name<WithdrawalStatus>(status));
      case RecordKind::charge: return charges_by_status(tenant, *from_name<ChargeStatus>(status));
      case RecordKind::ticket: return tenant.key(status) + "/";
    }
  }
  [[nodiscard]] bool is_id(std::string_view id) const {
    switch (kind) {
      case RecordKind::withdrawal: return WithdrawalId::parse(id).has_value();
      case RecordKind::charge: return ChargeId::parse(id).has_value();
      case RecordKind::ticket: return hex_decode32(id).has_value();
    }
  }
};

std::vector<Collection> all_collections() {
  std::vector<Collection> all;
  for (const auto status : booked_withdrawal_statuses) all.push_back({RecordKind::withdrawal, name_of(status)});
  for (const auto status : settled_charge_statuses) all.push_back({RecordKind::charge, name_of(status)});
  all.push_back({RecordKind::ticket, "adjustment"});
  return all;
}

/// The ids after `after` in one collection.
Task<Result<std::vector<std::string>>> ids_after(Context& cx, TenantScope tenant, Collection collection, std::string after,
                                                 std::uint32_t limit) {
  const auto prefix = collection.prefix(tenant);
  const auto rows = co_await cx.store.scan({prefix, after.empty() ? std::string() : prefix + after, limit, false});
  std::vector<std::string> ids;
  for (const auto& row : rows) ids.push_back(row.key.substr(prefix.size()));
  co_return ids;
}

/// The first of these tickets, named by their transfers, that has no entry.
Task<Result<std::optional<std::string>>> find_missing_adjustment(Context& cx, TenantScope tenant, std::vector<std::string> ids) {
  std::vector<Bytes32> transfers;
  for (const auto& id : ids) transfers.push_back(hex_decode32(id).value_or(Bytes32{}));
  const auto posted = co_await find_posted(cx, std::move(tenant), std::move(transfers));
  const auto missing = std::ranges::find(posted, false);
  if (missing == posted.end()) co_return std::nullopt;
  co_return ids[static_cast<std::size_t>(missing - posted.begin())];
}

Task<Result<std::optional<std::string>>> problem_of(Context& cx, TenantScope tenant, Collection collection,
                                                    std::vector<std::string> ids) {
  switch (collection.kind) {
    case RecordKind::withdrawal: {
      const auto problem = co_await find_missing_entry(cx, std::move(tenant), std::move(ids));
      co_return problem.transform([](const auto& text) { return "I3 locked is the sum of open reservations: " + text; });
    }
    case RecordKind::charge: {
      const auto id = co_await find_missing_credit(cx, std::move(tenant), std::move(ids));
      co_return id.transform(
          [](const auto& text) { return "I6 a credit is what its charge received: " + text + " has no credit"; });
    }
    case RecordKind::ticket: {
      const auto id = co_await find_missing_adjustment(cx, std::move(tenant), std::move(ids));
      co_return id.transform([](const auto& text) { return "I5 a row never changes: the adjustment " + text + " has no entry"; });
    }
  }
}

}  // namespace

Task<Result<MoneyProof>> verify_money(Context& cx, TenantScope tenant, MoneyProof from, std::uint32_t rows) {
  ReadBudget budget(cx.seam, rows);
  MoneyProof proof{co_await verify_entries(cx, tenant, from.ledger.folded, rows, check_entries), from.at};
  if (!proof.ledger.complete) co_return proof;
  budget.count(proof.ledger.folded.entries - from.ledger.folded.entries);
  const auto status = std::string(proof.at, 0, proof.at.find('/'));
  bool reached = status.empty();
  for (const auto& collection : all_collections()) {
    if (!reached && collection.status != status) continue;
    auto after = reached ? std::string() : proof.at.substr(status.size() + 1);
    for (reached = true;;) {
      const auto limit = budget.next_page();
      if (limit == 0) {
        proof.ledger.complete = false;
        co_return proof;
      }
      const auto ids = co_await ids_after(cx, tenant, collection, after, limit);
      if (auto problem = co_await problem_of(cx, tenant, collection, ids)) {
        proof.ledger.ok = false;
        proof.ledger.complete = false;
        proof.ledger.problem = std::move(*problem);
        proof.ledger.problem_seq = proof.ledger.folded.entries;
        co_return proof;
      }
      budget.count(ids.size());
      if (!ids.empty()) {
        after = ids.back();
        proof.at = std::string(collection.status) + "/" + after;
      }
      if (ids.size() < limit) break;
    }
  }
  proof.at.clear();
  co_return proof;
}

std::string proof_text(const MoneyProof& proof) {
  return fold_text(proof.ledger.folded) + (proof.at.empty() ? "" : "." + proof.at);
}

std::optional<MoneyProof> parse_proof(std::string_view text) {
  MoneyProof proof;
  if (std::ranges::count(text, '.') == 5) {
    const auto end = text.rfind('.');
    proof.at = text.substr(end + 1);
    text = text.substr(0, end);
    const auto slash = std::min(proof.at.find('/'), proof.at.size());
    const auto id = std::string_view(proof.at).substr(std::min(slash + 1, proof.at.size()));
    const auto all = all_collections();
    const auto found = std::ranges::find(all, std::string_view(proof.at).substr(0, slash), &Collection::status);
    if (found == all.end()) return std::nullopt;
    if (!found->is_id(id)) return std::nullopt;
  }
  const auto folded = parse_fold(text);
  if (!folded) return std::nullopt;
  proof.ledger.folded = *folded;
  return proof;
}

}  // namespace lntpay
