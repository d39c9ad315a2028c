// Reads the account state once, applies the changes to values, writes everything in one commit.
#include "core/ledger/unit_of_work.hpp"

#include <algorithm>

#include "core/event/event_retention.hpp"

namespace lntpay {

Task<Result<UnitOfWork>> UnitOfWork::load(Context& cx, TenantScope tenant, std::vector<std::string> about) {
  UnitOfWork unit(cx, std::move(tenant));
  about.push_back(account_key(unit.tenant_));
  unit.about_ = co_await cx.store.get_all(std::move(about));
  unit.read_ = std::move(unit.about_.back());
  unit.about_.pop_back();
  if (unit.read_) unit.account_ = co_await from_row<AccountState>(*unit.read_);
  if (cx.make_commit_hook != nullptr) {
    unit.hook_ = cx.make_commit_hook();
    co_await unit.hook_->load(cx, unit.tenant_, unit.account_);
  }
  co_return std::move(unit);
}

Result<LedgerEntry> UnitOfWork::post(Transfer transfer) {
  auto entry = lntpay::post(account_, transfer, EntryId::generate(tenant_.shard(), cx_->now(), cx_->random), cx_->now());
  if (!entry) return entry;
  batch_.create_final(transfer_key(tenant_, transfer.id), to_row(TransferPlace{entry->id, entry->seq}));
  batch_.create_final(entry_key(tenant_, entry->seq), to_row(*entry));
  return entry;
}

Event UnitOfWork::emit(EventType type, std::string data, std::string_view webhook_url) {
  account_.latest_event_at = std::max(account_.latest_event_at, cx_->now());
  Event event{
      .id = EventId::generate(tenant_.shard(), cx_->now(), cx_->random),
      .seq = ++account_.events,
      .type = type,
      .at = cx_->now(),
      .data = std::move(data),
      .latest_at = account_.latest_event_at,
  };
  batch_.create_final(event_key(tenant_, event.seq), to_row(event));
  batch_.create_final(event_id_key(tenant_, event.id), std::to_string(event.seq));
  if (event.seq == 1) start_pruning(*cx_, batch_, tenant_);
  if (hook_) hook_->add(event, webhook_url);
  return event;
}

Task<Result<>> UnitOfWork::commit() {
  if (hook_) hook_->write(*cx_, batch_);
  batch_.replace_or_create(read_ ? &*read_ : nullptr, account_key(tenant_), to_row(account_));
  return cx_->store.commit(std::move(batch_));
}

}  // namespace lntpay
