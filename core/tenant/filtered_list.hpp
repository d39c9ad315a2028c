// Lists with filters: scans an index, or the records themselves, from the cursor, and keeps the matches.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/storage/read_budget.hpp"
#include "core/tenant/listing.hpp"
#include "core/tenant/metadata_index.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// The filters of a list of charges or withdrawals.
template <class Status>
struct RecordFilter {
  std::optional<Status> status;
  std::string external_id;  ///< empty: any
  std::optional<Bytes32> payment_hash;
  std::vector<MetadataPair> metadata;  ///< all of them
  std::optional<UnixMillis> created_gte;
  std::optional<UnixMillis> created_lt;

  template <class Record>
  [[nodiscard]] bool matches(const Record& record) const {
    return (!status || record.status == *status) && (external_id.empty() || record.external_id == external_id) &&
           (!payment_hash || record.payment_hash == *payment_hash) && has_metadata(record.metadata, metadata) &&
           (!created_gte || record.created_at >= *created_gte) && (!created_lt || record.created_at < *created_lt);
  }
};

/// The rows to scan: an index below `prefix`, whose values, or else the ends of whose keys, are ids of records of `collection`; or
/// the collection itself.
struct Walk {
  std::string prefix;
  std::string collection;
  bool by_index = false;
};

/// The rows of the records that index rows point to.
inline Task<Result<std::vector<std::optional<Entry>>>> indexed_records(Context& cx, TenantScope tenant, std::string collection,
                                                                       std::vector<Entry> walked) {
  std::vector<std::string> keys;
  keys.reserve(walked.size());
  for (const auto& row : walked)
    keys.push_back(tenant.key(collection, row.value.empty() ? row.key.substr(row.key.rfind('/') + 1) : row.value));
  co_return co_await cx.store.get_all(std::move(keys));
}

/// The matching records, in scan order. A call reads as much as a ReadBudget allows, so a page may hold fewer records than its
/// limit and still have more.
template <class T, class Matches>
Task<Result<Listed<T>>> list_filtered(Context& cx, TenantScope tenant, Walk walk, Page page, Matches matches) {
  ReadBudget budget(cx.seam);
  Listed<T> listed;
  listed.last_key = page.after_key;
  while (const auto limit = budget.next_page()) {
    const auto walked = co_await cx.store.scan({walk.prefix, listed.last_key, limit, page.reverse});
    budget.count(walked.size());
    std::vector<std::optional<Entry>> rows;
    if (walk.by_index) rows = co_await indexed_records(cx, tenant, walk.collection, walked);
    for (std::size_t i = 0; i < walked.size(); ++i) {
      // A record that left the index between the two reads no longer matches.
      const auto* row = !walk.by_index ? &walked[i] : rows[i] ? &*rows[i] : nullptr;
      if (row != nullptr) {
        auto record = co_await from_row<T>(*row);
        if (matches(record)) {
          if (listed.items.size() == page.limit) {
            listed.has_more = true;
            co_return listed;
          }
          listed.items.push_back(std::move(record));
        }
      }
      listed.last_key = walked[i].key;
    }
    if (walked.size() < limit) co_return listed;
  }
  listed.has_more = true;
  co_return listed;
}

}  // namespace lntpay
