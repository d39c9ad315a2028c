// Rules of the rows of ledgers and events. Balances, chain and transfers are verified with the ledger (money_verification.hpp).
#include "core/base/encoding.hpp"
#include "core/event/event.hpp"
#include "core/event/event_retention.hpp"
#include "core/store_check/row_rules.hpp"

namespace lntpay::rules {
namespace {

/// As core/operations/adjustment.cpp writes it.
struct AdjustmentSeq {
  static constexpr int row_version = 1;
  std::uint64_t seq = 0;
  auto fields(this auto& self) { return std::tie(self.seq); }
};

/// A row whose value is one number.
std::optional<std::uint64_t> number_in(RowCheck& at) {
  std::uint64_t number = 0;
  const bool good = row::read(at.row.value, number) && std::to_string(number) == at.row.value;
  at.expect(good, "cannot be read");
  return good ? std::optional(number) : std::nullopt;
}

}  // namespace

void account(RowCheck& at) { at.tenant.account = at.record<AccountState>(); }

void ledger_entry(RowCheck& at) {
  ++at.tenant.entries;
  const auto entry = at.record<LedgerEntry>();
  if (!entry) return;
  at.expect_name(0, padded(entry->seq));
  auto key = transfer_key(at.tenant.scope, entry->transfer);
  auto missing = "has no row " + key;
  at.links.push_back({std::move(key), [missing, id = entry->id, seq = entry->seq](const Entry* linked) {
                        if (linked == nullptr) return missing;
                        const auto place = parse_transfer_place(linked->value);
                        const bool agrees = place && place->entry == id && (place->seq == seq || place->seq == 0);
                        return agrees ? std::string() : "does not agree with " + linked->key;
                      }});
}

void transfer(RowCheck& at) {
  ++at.tenant.transfers;
  at.expect_hash(0);
  const auto place = parse_transfer_place(at.row.value);
  at.expect(place.has_value(), "cannot be read");
  if (!place || place->seq == 0) return;
  at.expect(to_row(*place) == at.row.value, "is not written as LNTPay writes it");
  at.needs_record<LedgerEntry>(entry_key(at.tenant.scope, place->seq), "leads to another transfer's entry",
                               [id = std::string(at.names[0])](const LedgerEntry& entry) { return hex(entry.transfer) == id; });
}

void adjustment(RowCheck& at) {
  at.expect_hash(0);
  const auto finder = at.record<AdjustmentSeq>();
  if (!finder) return;
  at.needs_record<LedgerEntry>(entry_key(at.tenant.scope, finder->seq), "leads to another transfer's entry",
                               [id = std::string(at.names[0])](const LedgerEntry& entry) { return hex(entry.transfer) == id; });
}

void event(RowCheck& at) {
  ++at.tenant.events;
  if (at.tenant.events == 1) at.tenant.first_event = seq_of_event_key(at.row.key).value_or(0);
  const auto event = at.record<Event>();
  if (!event) return;
  at.expect_name(0, padded(event->seq));
  at.needs(event_id_key(at.tenant.scope, event->id), std::to_string(event->seq));
}

void event_id(RowCheck& at) {
  const auto seq = number_in(at);
  if (!seq) return;
  at.needs_record<Event>(event_key(at.tenant.scope, *seq), "leads to another event",
                         [id = std::string(at.names[0])](const Event& event) { return event.id.text() == id; });
}

void retention(RowCheck& at) {
  const auto retention = at.record<Retention>();
  if (!retention) return;
  at.tenant.oldest_seq = retention->oldest_seq;
  at.expect(retention->oldest_seq >= 1, "has no oldest event");
  at.needs_due(pruning_kind, pruning_work(at.tenant.scope).id);
}

}  // namespace lntpay::rules
