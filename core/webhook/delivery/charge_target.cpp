// The ids of charge targets, and what a charge needs.
#include "core/webhook/delivery/charge_target.hpp"

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/webhook/egress/egress.hpp"
#include "core/webhook/secret/workspace_secret.hpp"

namespace lntpay {
namespace {

/// The digits of an id's time (core/storage/shard.hpp), all zero.
constexpr std::string_view no_time = "0000000000";
constexpr std::size_t random_digits = 16;

}  // namespace

EndpointId charge_target_id(const TenantScope& tenant, std::string_view url) {
  const auto hash = sha256(bytes_of(tenant.key("charge_target", origin_of(url))));
  std::string id(EndpointIdTag::prefix);
  id.append(tenant.shard().text()).append(no_time).append(crockford(hash, random_digits));
  return *EndpointId::parse(id);
}

bool is_charge_target(const EndpointId& id) { return is_charge_target(std::string_view(id.text())); }

bool is_charge_target(std::string_view id) {
  constexpr std::size_t shard_digits = 2;
  return id.size() > EndpointIdTag::prefix.size() + shard_digits &&
         id.substr(EndpointIdTag::prefix.size() + shard_digits).starts_with(no_time);
}

std::string share_of(const WorkspaceId& workspace, std::string_view receiver) {
  std::string share(workspace.text());
  if (is_charge_target(receiver)) share += "/charges";
  return share;
}

Task<Result<>> check_charge_webhook(Context& cx, TenantScope tenant, std::string url) {
  const auto allowed = check_egress_url(url, cx.settings.egress, tenant.environment);
  if (!allowed) co_return fail(ErrorCode::invalid_request, "The URL cannot be used: " + allowed.error() + ".", "webhook_url");
  if (!co_await cx.store.get(webhook_secret_key(tenant))) {
    co_return fail(ErrorCode::invalid_state,
                   "This workspace has no webhook secret in this environment. Create it with POST /v1/workspace/webhook_secret, "
                   "then create the charge.");
  }
  co_return {};
}

}  // namespace lntpay
