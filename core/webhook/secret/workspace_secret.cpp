// The row of the webhook secret as a holder of secrets.
#include "core/webhook/secret/workspace_secret.hpp"

#include "core/webhook/secret/secret_operations.hpp"
#include "core/webhook/secret/webhook_secret_object.hpp"

namespace lntpay {
namespace {

std::unexpected<Error> no_webhook_secret() {
  return fail(ErrorCode::not_found,
              "This workspace has no webhook secret in this environment. Create it with POST /v1/workspace/webhook_secret.");
}

class HeldByWorkspace final : public SecretHolder {
 public:
  explicit HeldByWorkspace(const TenantScope& tenant) : tenant_(tenant) {}

  Task<Result<>> load(Context& cx, SecretAct act) override {
    auto found = co_await cx.store.load<WebhookSecret>(key());
    if (!found && act != SecretAct::rotate) co_return no_webhook_secret();
    stored = found ? std::move(found->record) : WebhookSecret{};
    if (found) read_ = std::move(found->entry);
    co_return {};
  }
  SigningSecrets& secrets() override { return stored.secrets; }
  std::string& active() override { return stored.active_secret; }
  [[nodiscard]] const TenantScope& tenant() const override { return tenant_; }
  [[nodiscard]] std::string key() const override { return webhook_secret_key(tenant_); }
  void write(WriteBatch& batch) const override { batch.replace_or_create(read_ ? &*read_ : nullptr, key(), to_row(stored)); }
  std::string json(UnixMillis now, const Secret* shown) const override { return webhook_secret_json(stored, tenant_, now, shown); }
  Act note(SecretAct act, std::string_view secret) const override {
    constexpr std::string_view actions[] = {"webhook_secret.rotate", "webhook_secret.activate", "webhook_secret.retire"};
    return {std::string(actions[static_cast<std::size_t>(act)]), std::string(secret)};
  }

  WebhookSecret stored{};

 private:
  TenantScope tenant_;
  std::optional<Entry> read_{};  ///< nullopt: there was none
};

}  // namespace

std::string webhook_secret_key(const TenantScope& tenant) { return tenant.key("webhook_secret"); }

std::string webhook_secret_json(const WebhookSecret& secret, const TenantScope& tenant, UnixMillis now, const Secret* shown) {
  return webhook_secret_object.text({secret, tenant, now, shown});
}

Task<Result<ShownWebhookSecret>> rotate_webhook_secret(Context& cx, TenantScope tenant, Millis overlap, IdempotencyClaim claim) {
  HeldByWorkspace holder(tenant);
  auto shown = co_await rotate_held(cx, holder, overlap, claim);
  co_return ShownWebhookSecret{std::move(holder.stored), std::move(shown)};
}

Task<Result<WebhookSecret>> get_webhook_secret(Context& cx, TenantScope tenant) {
  auto found = co_await cx.store.load<WebhookSecret>(webhook_secret_key(tenant));
  if (!found) co_return no_webhook_secret();
  co_return std::move(found->record);
}

Task<Result<WebhookSecret>> activate_webhook_secret(Context& cx, TenantScope tenant, IdempotencyClaim claim) {
  HeldByWorkspace holder(tenant);
  co_await activate_held(cx, holder, claim);
  co_return std::move(holder.stored);
}

Task<Result<WebhookSecret>> retire_webhook_secret(Context& cx, TenantScope tenant, std::string id) {
  HeldByWorkspace holder(tenant);
  co_await retire_held(cx, holder, std::move(id));
  co_return std::move(holder.stored);
}

}  // namespace lntpay
