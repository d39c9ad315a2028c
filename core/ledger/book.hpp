// The book: a workspace's head as it was read, and all that one commit will change of it.
//
//   auto book = co_await Book::load(cx, realm);
//   co_await book.post({.id = …, .type = EntryType::charge_credit, .available_msat = …});   // an entry
//   book.emit(EventType::charge_paid, charge_json(charge));                                 // an event, with its deliveries
//   book.plan().replace(stored.entry, to_row(charge));                                      // the rows it is about
//   co_await book.commit();                                                                 // all of it or nothing
//
// Because entry, event, deliveries and change are in one commit that checks the head, the ledger has no gap, an event is
// never lost, and two commits of one workspace follow one another. Fails with `conflict` when the head changed: use `retry`.
#pragma once
#include "core/effects/context.hpp"
#include "core/event/event.hpp"
#include "core/ledger/ledger.hpp"
#include "core/webhook/outbox.hpp"

namespace lntpay {

class Book {
 public:
  /// Reads the head, and in the same breath the rows that the commit will be about.
  static Task<Result<Book>> load(Context& cx, Realm realm, std::vector<std::string> about = {});

  [[nodiscard]] const Head& head() const { return head_; }
  /// One of the rows that it is about, as it was read.
  template <class T>
  [[nodiscard]] Result<std::optional<Stored<T>>> about(std::size_t number = 0) const {
    const auto& row = about_[number];
    if (!row) return std::nullopt;
    return from_row<T>(row->value).transform([&](T record) { return std::optional(Stored<T>{std::move(record), *row}); });
  }
  Plan& plan() { return plan_; }

  /// The entry that it will be. Fails with insufficient_funds; internal_error on a broken invariant.
  Result<LedgerEntry> post(Transfer transfer);
  Event emit(EventType type, std::string data);
  void set_endpoints(std::uint64_t count) { head_.endpoints = count; }

  Task<Result<>> commit();

 private:
  Book(Context& cx, Realm realm) : cx_(&cx), realm_(std::move(realm)) {}

  Context* cx_;
  Realm realm_;
  std::optional<Entry> read_;
  Head head_;
  std::vector<std::optional<Entry>> about_;
  Outbox outbox_;
  Plan plan_;
};

}  // namespace lntpay
