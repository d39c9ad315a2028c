// A unit of work: all changes of one operation in a workspace, committed once.
//
//   auto unit = co_await UnitOfWork::load(cx, tenant);
//   co_await unit.post({.id = …, .type = EntryType::charge_credit, .available_msat = …});   // a ledger entry
//   unit.emit(EventType::charge_paid, charge_json(charge));                                 // an event
//   unit.batch().replace(stored.entry, to_row(charge));                                     // the operation's own rows
//   co_await unit.commit();                                                                 // atomic
//
// Entry, event and rows are in one commit that checks the account state, so the ledger has no gap, no event is lost, and the
// commits of one workspace form a sequence. Fails with `conflict` when the account state changed: use `retry`.
#pragma once
#include <memory>

#include "core/event/event.hpp"
#include "core/ledger/ledger_entry.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// Adds rows to the commit of a unit of work for the events that it emits. The context makes one for each unit: the outbox of
/// webhooks (core/webhook/delivery/outbox).
class CommitHook {
 public:
  virtual ~CommitHook() = default;
  /// Reads what `write` needs, right after the account state.
  virtual Task<Result<>> load(Context& cx, const TenantScope& tenant, const AccountState& account) = 0;
  /// `webhook_url`: where the event goes besides the workspace's endpoints; empty: nowhere.
  virtual void add(const Event& event, std::string_view webhook_url) = 0;
  /// Called once, when the batch is otherwise complete.
  virtual void write(Context& cx, WriteBatch& batch) = 0;
};

class UnitOfWork {
 public:
  /// Reads the account state and, in the same round trip, the rows with the keys `about`.
  static Task<Result<UnitOfWork>> load(Context& cx, TenantScope tenant, std::vector<std::string> about = {});

  [[nodiscard]] const AccountState& account() const { return account_; }
  /// A row of `about`, by its position.
  template <class T>
  [[nodiscard]] Result<std::optional<Stored<T>>> about(std::size_t number = 0) const {
    const auto& row = about_[number];
    if (!row) return std::nullopt;
    return from_row<T>(*row).transform([&](T record) { return std::optional(Stored<T>{std::move(record), *row}); });
  }
  WriteBatch& batch() { return batch_; }

  /// Adds a ledger entry and returns it. Fails with insufficient_funds; with internal_error on a broken invariant.
  Result<LedgerEntry> post(Transfer transfer);
  /// `webhook_url`: of the charge that the event is about, if the event goes there; checked by check_charge_webhook.
  Event emit(EventType type, std::string data, std::string_view webhook_url = {});
  void set_endpoints(std::uint64_t count) { account_.endpoints = count; }

  Task<Result<>> commit();

 private:
  UnitOfWork(Context& cx, TenantScope tenant) : cx_(&cx), tenant_(std::move(tenant)) {}

  Context* cx_;
  TenantScope tenant_;
  std::optional<Entry> read_;
  AccountState account_;
  std::vector<std::optional<Entry>> about_;
  std::unique_ptr<CommitHook> hook_;
  WriteBatch batch_;
};

}  // namespace lntpay
