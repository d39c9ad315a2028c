// /v1/audit and the operator's /v1/admin/audit. The object: core/request/audit_object.hpp.
#include <array>

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

/// The scopes of which any one shows the acts on a resource, as it shows the resource: the audit trail is no way around a scope.
struct ActReaders {
  std::string_view kind;
  ScopeSet scopes;
};
constexpr std::array act_readers{
    ActReaders{"withdrawal", {Scope::ledger_read}},
    ActReaders{"ledger", {Scope::ledger_read}},
    ActReaders{"workspace", {Scope::ledger_read}},  // every key may read it
    ActReaders{"api_key", {Scope::keys_write}},
    ActReaders{"gate", {Scope::gates_read, Scope::gates_write}},
    ActReaders{"pay_link", {Scope::charges_read, Scope::charges_write}},
    ActReaders{"sandbox", {Scope::sandbox_write}},
    ActReaders{"webhook_endpoint", {Scope::webhooks_read, Scope::webhooks_write}},
    ActReaders{"webhook_delivery", {Scope::webhooks_read, Scope::webhooks_write}},
    ActReaders{"webhook_secret", {Scope::webhooks_read, Scope::webhooks_write}},
};

std::vector<std::string_view> readable_acts(ScopeSet scopes) {
  std::vector<std::string_view> kinds;
  for (const auto& each : act_readers) {
    if (!scopes.common(each.scopes).empty()) kinds.push_back(each.kind);
  }
  return kinds;
}

AuditFilter audit_filter(const Body& query) {
  return {.action = query.text("action").value_or(""),
          .created_gte = query.time("created_gte"),
          .created_lt = query.time("created_lt")};
}

Done list_all(Call& call) {
  const auto list = [&call](const Page& page) { return list_audit_notes(call.cx, call.tenant, audit_filter(call.query), page); };
  return list_page(call, list, audit_note_json);
}

/// A client's address is shown to keys that manage keys.
Done list_readable(Call& call) {
  const auto scopes = call.key.grant.scopes;
  auto filter = audit_filter(call.query);
  filter.kinds = readable_acts(scopes);
  return list_page(
      call, [&call, filter](const Page& page) { return list_audit_notes(call.cx, call.tenant, filter, page); },
      [shows_address = scopes.has(Scope::keys_write)](AuditNote note) {
        if (!shows_address) note.address.clear();
        return audit_note_json(note);
      });
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/v1/admin/audit",
     .summary = "Read the operator's audit trail",
     .handler = list_all,
     .access = Access::operator_token,
     .query = list_query,
     .answer = audit_note_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/audit",
     .summary = "Read the audit trail",
     .handler = list_readable,
     .scopes = {Scope::ledger_read},
     .query = list_query,
     .answer = audit_note_fields,
     .list = true},
};

}  // namespace
}  // namespace audit_resource

std::span<const Route> resources::audit_trail() { return audit_resource::routes; }

}  // namespace lntpay
