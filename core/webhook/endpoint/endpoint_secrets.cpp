// API operations on the signing secrets of an endpoint, whose row holds them.
#include "core/webhook/endpoint/endpoint.hpp"
#include "core/webhook/endpoint/endpoint_observations.hpp"
#include "core/webhook/secret/secret_operations.hpp"

namespace lntpay {
namespace {

class HeldByEndpoint final : public SecretHolder {
 public:
  HeldByEndpoint(const TenantScope& tenant, EndpointId id) : tenant_(tenant), id_(std::move(id)) {}

  Task<Result<>> load(Context& cx, SecretAct /*act*/) override {
    auto found = co_await load_endpoint(cx, tenant_, id_);
    endpoint = std::move(found.record);
    read_ = std::move(found.entry);
    co_return co_await attempt(add_observations(cx, tenant_, {&endpoint, 1}));
  }
  SigningSecrets& secrets() override { return endpoint.secrets; }
  std::string& active() override { return endpoint.active_secret; }
  [[nodiscard]] const TenantScope& tenant() const override { return tenant_; }
  [[nodiscard]] std::string key() const override { return endpoint_key(tenant_, id_.text()); }
  void write(WriteBatch& batch) const override { batch.replace(read_, to_row(endpoint)); }
  std::string json(UnixMillis now, const Secret* shown) const override { return endpoint_json(endpoint, tenant_, now, shown); }
  Act note(SecretAct act, std::string_view secret) const override {
    constexpr std::string_view actions[] = {"webhook_endpoint.rotate_secret", "webhook_endpoint.activate_secret",
                                            "webhook_endpoint.retire_secret"};
    return {std::string(actions[static_cast<std::size_t>(act)]), id_.text(), std::string(secret)};
  }

  Endpoint endpoint{};

 private:
  TenantScope tenant_;
  EndpointId id_;
  Entry read_{};
};

}  // namespace

Task<Result<EndpointWithSecret>> rotate_secret(Context& cx, TenantScope tenant, EndpointId id, Millis overlap,
                                               IdempotencyClaim claim) {
  HeldByEndpoint holder(tenant, std::move(id));
  auto shown = co_await rotate_held(cx, holder, overlap, claim);
  co_return EndpointWithSecret{std::move(holder.endpoint), std::move(shown)};
}

Task<Result<Endpoint>> activate_secret(Context& cx, TenantScope tenant, EndpointId id, IdempotencyClaim claim) {
  HeldByEndpoint holder(tenant, std::move(id));
  co_await activate_held(cx, holder, claim);
  co_return std::move(holder.endpoint);
}

Task<Result<Endpoint>> retire_secret(Context& cx, TenantScope tenant, EndpointId id, std::string secret) {
  HeldByEndpoint holder(tenant, std::move(id));
  co_await retire_held(cx, holder, std::move(secret));
  co_return std::move(holder.endpoint);
}

}  // namespace lntpay
