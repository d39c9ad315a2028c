// Lists with filters: one walk serves every filter, over an index or over the records themselves, from the cursor on.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/tenant/listing.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// The filters of a list of charges or withdrawals.
template <class Status>
struct RecordFilter {
  std::optional<Status> status;
  std::string external_id;  ///< empty: any
  std::optional<UnixMillis> created_gte;
  std::optional<UnixMillis> created_lt;

  template <class Record>
  [[nodiscard]] bool matches(const Record& record) const {
    return (!status || record.status == *status) && (external_id.empty() || record.external_id == external_id) &&
           (!created_gte || record.created_at >= *created_gte) && (!created_lt || record.created_at < *created_lt);
  }
};

/// What is walked: rows below `prefix`; of an index, whose keys end in the id of a record in `room`, or of the room itself.
struct Walk {
  std::string prefix;
  std::string room;
  bool by_index = false;
};

/// The records' rows behind a batch of an index.
inline Task<Result<std::vector<std::optional<Entry>>>> records_behind(Context& cx, TenantScope tenant, std::string room,
                                                                      std::vector<Entry> walked) {
  std::vector<std::string> keys;
  keys.reserve(walked.size());
  for (const auto& row : walked) keys.push_back(tenant.key(room, row.key.substr(row.key.rfind('/') + 1)));
  co_return co_await cx.store.get_all(std::move(keys));
}

/// The records that match, in the walk's order; at most 1,000 rows are looked at a call: a page may then hold fewer than its limit
/// and yet have more.
template <class T, class Matches>
Task<Result<Listed<T>>> list_filtered(Context& cx, TenantScope tenant, Walk walk, Page page, Matches matches) {
  constexpr int batches_max = 10;
  constexpr std::uint32_t batch_rows = 100;
  Listed<T> listed;
  listed.last_key = page.after_key;
  for (int batch = 0; batch < batches_max; ++batch) {
    const auto walked = co_await cx.store.scan({walk.prefix, listed.last_key, batch_rows, page.reverse});
    std::vector<std::optional<Entry>> rows;
    if (walk.by_index) rows = co_await records_behind(cx, tenant, walk.room, walked);
    for (std::size_t i = 0; i < walked.size(); ++i) {
      // A record that left the index between the two looks is no longer what was asked for.
      const auto* row = !walk.by_index ? &walked[i] : rows[i] ? &*rows[i] : nullptr;
      if (row != nullptr) {
        auto record = co_await from_row<T>(row->value);
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
    if (walked.size() < batch_rows) co_return listed;
  }
  listed.has_more = true;
  co_return listed;
}

}  // namespace lntpay
