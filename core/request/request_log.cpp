// What is kept by the instance, what is written, and what is removed.
#include "core/request/request_log.hpp"

#include <algorithm>

#include "core/tenant/due_work.hpp"
#include "core/tenant/filtered_list.hpp"

namespace lntpay {
namespace {

constexpr std::size_t pending_max = 1'024;
constexpr std::size_t pending_of_tenant_max = 32;
constexpr Millis pending_for = seconds(10);

constexpr Millis kept_for = days(1);
constexpr std::size_t kept_max = 1'000;
constexpr std::uint32_t removed_max = 250;

DueWork pruning_work(const TenantScope& tenant) { return {std::string(request_pruning_kind), tenant, "log"}; }

UnixMillis next_hour(UnixMillis at) { return hour_of(at) + hours(1); }

/// The key of the newest row that is beyond the number of rows that are kept; empty: none is.
Task<Result<std::string>> newest_beyond(Context& cx, std::string prefix) {
  std::string last;
  for (std::size_t read = 0;;) {
    const auto rows = co_await cx.store.scan({prefix, last, read_page_rows, true});
    if (read + rows.size() > kept_max) co_return rows[kept_max - read].key;
    if (rows.size() < read_page_rows) co_return std::string{};
    read += rows.size();
    last = rows.back().key;
  }
}

}  // namespace

std::string request_key(const TenantScope& tenant, std::string_view id) {
  return tenant.without_generation().key("request/").append(id);
}

void PendingRequests::add(const TenantScope& tenant, LoggedRequest request) {
  if (++count_ > pending_max) {
    by_tenant_.clear();
    count_ = 1;
  }
  by_tenant_[request_key(tenant)].push_back(std::move(request));
}

bool PendingRequests::is_due(const TenantScope& tenant, UnixMillis host_now) const {
  const auto found = by_tenant_.find(request_key(tenant));
  if (found == by_tenant_.end()) return false;
  const auto oldest = found->second.front().at;
  return found->second.size() >= pending_of_tenant_max || oldest > host_now || host_now >= oldest + pending_for;
}

std::vector<LoggedRequest> PendingRequests::take(const TenantScope& tenant) {
  auto taken = by_tenant_.extract(request_key(tenant));
  if (taken.empty()) return {};
  count_ -= taken.mapped().size();
  return std::move(taken.mapped());
}

Task<Result<>> log_request(Context& cx, TenantScope tenant, LoggedRequest request, LogWrite write) {
  if (cx.requests == nullptr) co_return {};
  cx.requests->add(tenant, std::move(request));
  if (write == LogWrite::with_others && !cx.requests->is_due(tenant, cx.host_now())) co_return {};
  co_return co_await attempt(write_pending_requests(cx, std::move(tenant)));
}

Task<Result<>> write_pending_requests(Context& cx, TenantScope tenant) {
  if (cx.requests == nullptr) co_return {};
  const auto requests = cx.requests->take(tenant);
  if (requests.empty()) co_return {};
  WriteBatch batch;
  for (const auto& request : requests) batch.put(request_key(tenant, request.id.text()), to_row(request));
  add_due_on_host(cx, batch, pruning_work(tenant), next_hour(cx.host_now()));
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

bool RequestFilter::matches(const LoggedRequest& request) const {
  return (api_key.empty() || request.api_key == api_key) && (!status || request.status == *status) &&
         (!failed || request.error.empty() != *failed) && (!created_gte || request.at >= *created_gte) &&
         (!created_lt || request.at < *created_lt);
}

Task<Result<Listed<LoggedRequest>>> list_requests(Context& cx, TenantScope tenant, RequestFilter filter, Page page) {
  co_await write_pending_requests(cx, tenant);
  const Walk walk{.prefix = request_key(tenant), .collection = {}};
  co_return co_await list_filtered<LoggedRequest>(cx, std::move(tenant), walk, std::move(page),
                                                  [filter](const LoggedRequest& request) { return filter.matches(request); });
}

Task<Result<LoggedRequest>> get_request(Context& cx, TenantScope tenant, RequestId id) {
  co_await write_pending_requests(cx, tenant);
  auto stored = co_await cx.store.load<LoggedRequest>(request_key(tenant, id.text()));
  if (!stored) co_return fail(ErrorCode::not_found);
  co_return std::move(stored->record);
}

Task<Result<>> prune_requests(Context& cx, std::string due_key) {
  const auto work = parse_due_key(due_key);
  co_await invariant(work && work->kind == request_pruning_kind, "a pruning of the log is named by its due row");
  co_await retry([&]() -> Task<Result<>> {
    const auto due = co_await cx.store.get(due_key);
    if (!due) co_return fail(ErrorCode::lease_elsewhere);
    const auto prefix = request_key(work->tenant);
    const auto beyond = co_await newest_beyond(cx, prefix);
    const auto oldest = co_await cx.store.scan({prefix, "", removed_max, false});
    WriteBatch batch;
    batch.remove(*due);
    std::optional<UnixMillis> next;
    for (const auto& row : oldest) {
      const auto request = from_row<LoggedRequest>(row);
      const bool is_kept = request && row.key > beyond && cx.host_now() < request->at + kept_for;
      if (is_kept) {
        next = next_hour(request->at + kept_for);
        break;
      }
      batch.erase(row.key);
    }
    if (!next && oldest.size() == removed_max) next = cx.host_now() + Millis{1};
    if (next) add_due_on_host(cx, batch, *work, *next);
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
  co_return {};
}

}  // namespace lntpay
