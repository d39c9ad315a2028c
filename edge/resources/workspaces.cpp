// /v1/workspace, and the operator's /v1/admin/workspaces. The object: core/access/workspace_object.hpp.
#include "core/access/workspace.hpp"

#include <algorithm>

#include "core/access/workspace_object.hpp"
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

constexpr Field profile_body[] = {
    {.name = "display_name",
     .type = FieldType::text,
     .description = "Whom payers see on the checkout page that they pay; null for none.",
     .max = 60},
    {.name = "logo_url",
     .type = FieldType::text,
     .description = "A square picture beside it, which the payer's browser loads; https; null for none.",
     .max = url_bytes_max,
     .form = "https_url"},
};

/// nullopt: the field is absent; null is empty.
std::optional<std::string> changed_text(const Body& body, std::string_view name) {
  return body.is_null(name) ? std::optional(std::string()) : body.text(name);
}

Result<ProfileChange> profile_of(const Body& body) {
  ProfileChange change{changed_text(body, "display_name"), changed_text(body, "logo_url")};
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  if (std::ranges::any_of(change.display_name.value_or(""), is_control)) {
    return fail(ErrorCode::invalid_request, "display_name must be one line without control characters.", "display_name");
  }
  if (const auto url = change.logo_url.value_or(""); !url.empty()) {
    const auto read = parse_url(url);
    if (!read) return fail(ErrorCode::invalid_request, read.error(), "logo_url");
    if (!read->secure) return fail(ErrorCode::invalid_request, "logo_url must be https.", "logo_url");
  }
  return change;
}

Done change(Call& call) { co_return workspace_json(co_await change_profile(call.cx, call.tenant, co_await profile_of(call.body))); }

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
     .summary = "Change what payers see of the workspace",
     .handler = change,
     .scopes = {Scope::keys_write},
     .body = profile_body,
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
