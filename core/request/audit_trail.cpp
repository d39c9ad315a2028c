// Audit notes as rows and as JSON.
#include "core/request/audit_trail.hpp"

#include <algorithm>

#include "core/request/audit_object.hpp"
#include "core/tenant/filtered_list.hpp"

namespace lntpay {

void add_audit_note(const Context& cx, WriteBatch& batch, const TenantScope& tenant, Act act) {
  const auto at = cx.host_now();
  auto key = tenant.without_generation().key("audit", padded(at.value));
  key.append("/").append(act.subject).append("/").append(cx.request_id);
  batch.put(std::move(key), to_row(AuditNote{.at = at,
                                             .actor = cx.caller.id,
                                             .action = std::move(act.action),
                                             .subject = std::move(act.subject),
                                             .detail = std::move(act.detail),
                                             .request_id = cx.request_id,
                                             .address = cx.caller.address}));
}

Task<Result<>> record_act(Context& cx, TenantScope tenant, Act act) {
  return retry([&cx, tenant, act]() -> Task<Result<>> {
    WriteBatch batch;
    add_audit_note(cx, batch, tenant, act);
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
}

std::string audit_note_json(const AuditNote& note) { return audit_note_object.text(note); }

std::string_view kind_of_act(std::string_view action) { return action.substr(0, action.find('.')); }

Task<Result<Listed<AuditNote>>> list_audit_notes(Context& cx, TenantScope tenant, AuditFilter filter, Page page) {
  const auto matches = [filter](const AuditNote& note) {
    const bool readable = !filter.kinds || std::ranges::contains(*filter.kinds, kind_of_act(note.action));
    return readable && note.action.starts_with(filter.action) && (!filter.created_gte || note.at >= *filter.created_gte) &&
           (!filter.created_lt || note.at < *filter.created_lt);
  };
  const Walk walk{.prefix = tenant.without_generation().key("audit") + "/", .collection = {}};
  return list_filtered<AuditNote>(cx, std::move(tenant), walk, std::move(page), matches);
}

}  // namespace lntpay
