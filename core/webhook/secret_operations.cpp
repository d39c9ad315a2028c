// API operations on the signing secrets of an endpoint: rotate, activate, retire.
#include "core/request/audit_trail.hpp"
#include "core/webhook/endpoint.hpp"

namespace lntpay {
namespace {

Task<Result<>> write_endpoint(Context& cx, TenantScope tenant, Stored<Endpoint> stored, Act act, IdempotencyClaim claim,
                              std::string answer) {
  WriteBatch batch;
  batch.replace(stored.entry, to_row(stored.record));
  claim.write(batch, answer);
  add_audit_note(cx, batch, tenant, std::move(act));
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

}  // namespace

Task<Result<EndpointWithSecret>> rotate_secret(Context& cx, TenantScope tenant, EndpointId id, Millis overlap,
                                               IdempotencyClaim claim) {
  auto random = claim.random(cx);
  const auto now = cx.host_now();
  auto [newest, shown] = new_signing_secret(random, cx.settings, endpoint_key(tenant, id.text()), now);
  auto rotated = co_await retry([&]() -> Task<Result<Endpoint>> {
    auto stored = co_await load_endpoint(cx, tenant, id);
    auto& endpoint = stored.record;
    // Its id and text come from the claim, so a row with them was written by this call.
    if (endpoint.secrets.front().sealed == newest.sealed) co_return std::move(endpoint);
    co_await add_secret(endpoint.secrets, endpoint.active_secret, newest, overlap, now);
    co_await write_endpoint(cx, tenant, stored, {"webhook_endpoint.rotate_secret", id.text(), newest.id}, claim,
                            endpoint_json(endpoint, tenant, now, &shown));
    co_return std::move(endpoint);
  });
  co_return EndpointWithSecret{std::move(rotated), std::move(shown)};
}

Task<Result<Endpoint>> activate_secret(Context& cx, TenantScope tenant, EndpointId id, IdempotencyClaim claim) {
  co_return co_await retry([&]() -> Task<Result<Endpoint>> {
    auto stored = co_await load_endpoint(cx, tenant, id);
    auto& endpoint = stored.record;
    endpoint.active_secret = endpoint.secrets.front().id;
    co_await write_endpoint(cx, tenant, stored, {"webhook_endpoint.activate_secret", id.text(), endpoint.active_secret}, claim,
                            endpoint_json(endpoint, tenant, cx.host_now()));
    co_return std::move(endpoint);
  });
}

Task<Result<Endpoint>> retire_secret(Context& cx, TenantScope tenant, EndpointId id, std::string secret) {
  bool tried = false;
  co_return co_await retry([&]() -> Task<Result<Endpoint>> {
    auto stored = co_await load_endpoint(cx, tenant, id);
    auto& endpoint = stored.record;
    // Ended by this call, whose commit had an unknown outcome.
    if (tried && !is_live(endpoint.secrets, secret, cx.host_now())) co_return std::move(endpoint);
    tried = true;
    co_await end_secret(endpoint.secrets, secret, cx.host_now());
    co_await write_endpoint(cx, tenant, stored, {"webhook_endpoint.retire_secret", id.text(), secret}, {}, {});
    co_return std::move(endpoint);
  });
}

}  // namespace lntpay
