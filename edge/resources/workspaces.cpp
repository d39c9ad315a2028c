// /v1/workspace, and the operator's /v1/admin/workspaces. The object: core/access/workspace_object.hpp.
#include "core/access/workspace.hpp"

#include <algorithm>

#include "core/access/workspace_object.hpp"
#include "core/lightning/node/node.hpp"
#include "core/tenant/enter_tenant.hpp"
#include "core/webhook/egress/egress.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {

Task<Result<TenantScope>> named_tenant(const Call& call) {
  TenantScope named{*from_name<Environment>(*call.query.text("environment")), co_await path_id<WorkspaceId>(call)};
  co_return co_await enter_tenant(call.cx, std::move(named));
}

namespace workspaces_resource {
namespace {

constexpr Field create_body[] = {
    {.name = "name", .type = FieldType::text, .description = "The name of the workspace.", .required = true, .max = 100},
};

constexpr Field change_body[] = {
    {.name = "display_name",
     .type = FieldType::text,
     .description = "Whom payers see on the checkout page that they pay; null for none.",
     .max = 60},
    {.name = "logo_url",
     .type = FieldType::text,
     .description = "A square picture beside it, which the payer's browser loads; https; null for none.",
     .max = url_bytes_max,
     .form = "https_url"},
    {.name = "default_expires_in",
     .type = FieldType::integer,
     .description = "The expires_in of charges whose requests name none; null for 600.",
     .max = invoice_expiry_s_max},
    {.name = "default_success_url",
     .type = FieldType::text,
     .description = "The success_url of charges whose requests name none; https; null for none.",
     .max = url_bytes_max,
     .form = "https_url"},
    {.name = "default_cancel_url",
     .type = FieldType::text,
     .description = "The cancel_url of charges whose requests name none; https; null for none.",
     .max = url_bytes_max,
     .form = "https_url"},
};

/// nullopt: the field is absent; null is empty.
std::optional<std::string> changed_text(const Body& body, std::string_view name) {
  return body.is_null(name) ? std::optional(std::string()) : body.text(name);
}

/// As `changed_text`. Fails unless it is an https URL.
Result<std::optional<std::string>> changed_url(const Body& body, const char* name) {
  auto url = changed_text(body, name);
  if (!url || url->empty()) return url;
  const auto read = parse_url(*url);
  if (!read) return fail(ErrorCode::invalid_request, read.error(), name);
  if (!read->secure) return fail(ErrorCode::invalid_request, std::string(name) + " must be https.", name);
  return url;
}

Done change(Call& call) {
  WorkspaceChange change{
      .display_name = changed_text(call.body, "display_name"),
      .logo_url = co_await changed_url(call.body, "logo_url"),
      .success_url = co_await changed_url(call.body, "default_success_url"),
      .cancel_url = co_await changed_url(call.body, "default_cancel_url"),
  };
  if (const auto expiry = call.body.integer("default_expires_in")) change.expires_in_s = static_cast<std::uint32_t>(*expiry);
  if (call.body.is_null("default_expires_in")) change.expires_in_s = Workspace{}.expires_in_s;
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  if (std::ranges::any_of(change.display_name.value_or(""), is_control)) {
    co_return fail(ErrorCode::invalid_request, "display_name must be one line without control characters.", "display_name");
  }
  co_return workspace_json(co_await change_workspace(call.cx, call.tenant, std::move(change)));
}

Done create(Call& call) { co_return co_await create_workspace(call.cx, call.body.text("name").value_or(""), call.claim); }

Done get(Call& call) { co_return workspace_json(co_await get_workspace(call.cx, call.tenant.workspace)); }

Done list(Call& call) {
  return list_page(call, [&call](const Page& page) { return list_workspaces(call.cx, page); }, workspace_json);
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/v1/admin/workspaces",
     .summary = "List workspaces",
     .handler = list,
     .access = Access::operator_token,
     .query = fields::page,
     .answer = workspace_fields,
     .list = true},
    {.method = "GET", .pattern = "/v1/workspace", .summary = "Get the workspace", .handler = get, .answer = workspace_fields},
    {.method = "PATCH",
     .pattern = "/v1/workspace",
     .summary = "Change the workspace: what payers see, defaults of charges",
     .handler = change,
     .scopes = {Scope::keys_write},
     .body = change_body,
     .answer = workspace_fields},
    {.method = "POST",
     .pattern = "/v1/admin/workspaces",
     .summary = "Create a workspace with its first keys",
     .handler = create,
     .access = Access::operator_token,
     .idempotency = IdempotencyUse::accepted,
     .answer_is_secret = true,
     .body = create_body,
     .success = 201,
     .answer = workspace_fields},
};

}  // namespace
}  // namespace workspaces_resource

std::span<const Route> resources::workspaces() { return workspaces_resource::routes; }

}  // namespace lntpay
