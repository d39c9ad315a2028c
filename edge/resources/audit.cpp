// /v1/audit and the operator's /v1/admin/audit. The object: core/request/audit_object.hpp.
#include "core/request/audit_object.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace audit_resource {
namespace {

Done list(Call& call) {
  return list_page(call, [&call](const Page& page) { return list_audit_notes(call.cx, call.tenant, page); }, audit_note_json);
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/v1/admin/audit",
     .summary = "Read the operator's audit trail",
     .handler = list,
     .access = Access::operator_token,
     .query = fields::page,
     .answer = audit_note_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/audit",
     .summary = "Read the audit trail",
     .handler = list,
     .scopes = {Scope::ledger_read},
     .query = fields::page,
     .answer = audit_note_fields,
     .list = true},
};

}  // namespace
}  // namespace audit_resource

std::span<const Route> resources::audit_trail() { return audit_resource::routes; }

}  // namespace lntpay
