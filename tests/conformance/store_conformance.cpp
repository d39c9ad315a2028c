// Implements effects and outcomes of a store as text.
#include "tests/conformance/store_conformance.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <variant>

namespace lntpay::test {
namespace {

/// The outcome of a commit, or the failure of another effect.
std::string outcome_of(const Reply& reply) {
  if (std::holds_alternative<Committed>(reply)) return "committed";
  if (std::holds_alternative<Conflict>(reply)) return "conflict";
  if (const auto* unknown = std::get_if<Unknown>(&reply)) return "unknown: " + unknown->reason;
  if (const auto* failed = std::get_if<Failed>(&reply)) return "failed: " + failed->reason;
  return "a reply of another kind";
}

void append(std::string& text, const std::string& word) {
  if (!text.empty()) text += ' ';
  text += word;
}

std::string keys_of(const Reply& reply) {
  const auto* scanned = std::get_if<Scanned>(&reply);
  if (!scanned) return outcome_of(reply);
  std::string text;
  for (const auto& entry : scanned->entries) append(text, entry.key);
  return text;
}

}  // namespace

void Subject::begin() {
  store().begin_batch();
  open_ = true;
}

std::string Subject::end() {
  open_ = false;
  return store().end_batch() == host::Store::BatchEnd::durable ? "durable" : "lost";
}

template <class Effect>
Reply Subject::perform(Reply (host::Store::*effect)(const Effect&), const Effect& asked) {
  if (open_) return (store().*effect)(asked);
  begin();
  auto reply = (store().*effect)(asked);
  REQUIRE(end() == "durable");
  return reply;
}

std::string Subject::get(std::vector<std::string> keys) {
  const auto reply = perform(&host::Store::get, Get{keys});
  const auto* found = std::get_if<Entries>(&reply);
  if (!found) return outcome_of(reply);
  REQUIRE(found->entries.size() == keys.size());
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& entry = found->entries[i];
    if (entry) CHECK(entry->key == keys[i]);
    append(text, keys[i] + "=" + (entry ? entry->value : "-"));
  }
  return text;
}

std::string Subject::commit(Commit asked) { return outcome_of(perform(&host::Store::commit, asked)); }

std::string Subject::scan(std::string prefix, std::string after, std::uint32_t limit) {
  return keys_of(perform(&host::Store::scan, Range{std::move(prefix), std::move(after), limit, false}));
}

std::string Subject::scan_back(std::string prefix, std::string after, std::uint32_t limit) {
  return keys_of(perform(&host::Store::scan, Range{std::move(prefix), std::move(after), limit, true}));
}

std::vector<Entry> Subject::rows(const Range& asked) {
  auto reply = perform(&host::Store::scan, asked);
  REQUIRE(std::holds_alternative<Scanned>(reply));
  return std::get<Scanned>(std::move(reply)).entries;
}

std::optional<Entry> Subject::row(const std::string& key) {
  auto reply = perform(&host::Store::get, Get{{key}});
  REQUIRE(std::holds_alternative<Entries>(reply));
  auto& entries = std::get<Entries>(reply).entries;
  REQUIRE(entries.size() == 1);
  return std::move(entries.front());
}

std::uint64_t Subject::version(const std::string& key) {
  const auto found = row(key);
  REQUIRE(found.has_value());
  return found->version;
}

void Subject::put_each(std::initializer_list<std::string> keys) {
  for (const auto& key : keys) REQUIRE(put(key, "of " + key) == "committed");
}

}  // namespace lntpay::test
