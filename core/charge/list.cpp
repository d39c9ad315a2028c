// One walk serves every filter: an index or the charges themselves, from the cursor on.
#include "core/charge/list.hpp"

namespace lntpay {
namespace {

constexpr int batches_max = 10;
constexpr std::uint32_t batch_rows = 100;

bool matches(const Charge& charge, const ChargeFilter& filter) {
  return (!filter.status || charge.status == *filter.status) &&
         (filter.external_id.empty() || charge.external_id == filter.external_id) &&
         (!filter.created_gte || charge.created_at >= *filter.created_gte) &&
         (!filter.created_lt || charge.created_at < *filter.created_lt);
}

std::string walk_prefix(const Realm& realm, const ChargeFilter& filter) {
  if (!filter.external_id.empty()) return charges_by_external_id(realm, filter.external_id);
  if (filter.status) return charges_by_status(realm, *filter.status);
  return realm.key("charge") + "/";
}

/// The charges' rows behind a batch of the walk.
Task<Result<std::vector<std::optional<Entry>>>> charges_behind(Context& cx, Realm realm, std::vector<Entry> walked) {
  std::vector<std::string> keys;
  keys.reserve(walked.size());
  for (const auto& row : walked) keys.push_back(realm.key("charge", row.key.substr(row.key.rfind('/') + 1)));
  co_return co_await cx.store.get_all(std::move(keys));
}

}  // namespace

Task<Result<Listed<Charge>>> list_charges(Context& cx, Realm realm, ChargeFilter filter, Page page) {
  const auto prefix = walk_prefix(realm, filter);
  const bool by_index = !filter.external_id.empty() || filter.status;
  Listed<Charge> listed;
  listed.last_key = page.after_key;
  for (int batch = 0; batch < batches_max; ++batch) {
    const auto walked = co_await cx.store.scan({prefix, listed.last_key, batch_rows, page.reverse});
    std::vector<std::optional<Entry>> rows;
    if (by_index) rows = co_await charges_behind(cx, realm, walked);
    for (std::size_t i = 0; i < walked.size(); ++i) {
      // A charge that left the index between the two looks is no longer what was asked for.
      const auto* row = !by_index ? &walked[i] : rows[i] ? &*rows[i] : nullptr;
      if (row != nullptr) {
        auto charge = co_await from_row<Charge>(row->value);
        if (matches(charge, filter)) {
          if (listed.items.size() == page.limit) {
            listed.has_more = true;
            co_return listed;
          }
          listed.items.push_back(std::move(charge));
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
