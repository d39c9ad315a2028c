// The head is read once and written once; what happens in between is values.
#include "core/ledger/book.hpp"

namespace lntpay {

Task<Result<Book>> Book::load(Context& cx, Realm realm, std::vector<std::string> about) {
  Book book(cx, std::move(realm));
  about.push_back(head_key(book.realm_));
  book.about_ = co_await cx.store.get_all(std::move(about));
  book.read_ = std::move(book.about_.back());
  book.about_.pop_back();
  if (book.read_) book.head_ = co_await from_row<Head>(book.read_->value);
  book.outbox_ = co_await Outbox::load(cx, book.realm_, book.head_.endpoints > 0);
  co_return std::move(book);
}

Result<LedgerEntry> Book::post(Transfer transfer) {
  auto entry = lntpay::post(head_, transfer, EntryId::draw(realm_.shard(), cx_->now(), cx_->random), cx_->now());
  if (!entry) return entry;
  plan_.create_for_good(transfer_key(realm_, transfer.id), entry->id.text());
  plan_.create_for_good(entry_key(realm_, entry->seq), to_row(*entry));
  return entry;
}

Event Book::emit(EventType type, std::string data) {
  Event event{
      .id = EventId::draw(realm_.shard(), cx_->now(), cx_->random),
      .seq = ++head_.events,
      .type = type,
      .at = cx_->now(),
      .data = std::move(data),
  };
  plan_.create_for_good(event_key(realm_, event.seq), to_row(event));
  plan_.create_for_good(event_id_key(realm_, event.id), std::to_string(event.seq));
  outbox_.add(*cx_, event);
  return event;
}

Task<Result<>> Book::commit() {
  outbox_.write(*cx_, plan_);
  if (read_) {
    plan_.replace(*read_, to_row(head_));
  } else {
    plan_.create(head_key(realm_), to_row(head_));
  }
  return cx_->store.commit(std::move(plan_));
}

}  // namespace lntpay
