// /v1/audit and the operator's /v1/admin/audit. The object: core/request/audit_object.hpp.
#include "core/request/audit_object.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace audit_resource {
namespace {

constexpr Field list_query[] = {
    limit_field,
    cursor_field,
    order_field,
    {.name = "action",
     .type = FieldType::text,
     .description = "Only acts of this kind, as \"withdrawal.resolve\", or of all kinds that begin with it, as \"gate.\".",
     .max = 100},
    fields::created_gte,
    fields::created_lt,
};

Done list(Call& call) {
  const AuditFilter filter{.action = call.query.text("action").value_or(""),
                           .created_gte = call.query.time("created_gte"),
                           .created_lt = call.query.time("created_lt")};
  return list_page(
      call, [&call, filter](const Page& page) { return list_audit_notes(call.cx, call.tenant, filter, page); }, audit_note_json);
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/v1/admin/audit",
     .summary = "Read the operator's audit trail",
     .handler = list,
     .access = Access::operator_token,
     .query = list_query,
     .answer = audit_note_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/audit",
     .summary = "Read the audit trail",
     .handler = list,
     .scopes = {Scope::ledger_read},
     .query = list_query,
     .answer = audit_note_fields,
     .list = true},
};

}  // namespace
}  // namespace audit_resource

std::span<const Route> resources::audit_trail() { return audit_resource::routes; }

}  // namespace lntpay
