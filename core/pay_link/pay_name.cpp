// One row for each name, changed by one commit in its shard.
#include "core/pay_link/pay_name.hpp"

#include "core/crypto/sha256.hpp"
#include "core/tenant/enter_tenant.hpp"

namespace lntpay {

Shard shard_of_name(std::string_view name) { return Shard::of_hash(sha256(bytes_of(name))); }

std::string pay_name_key(Environment environment, std::string_view name) {
  return std::string(shard_of_name(name).text()).append("/pay_name/").append(name_of(environment)).append("/").append(name);
}

Task<Result<bool>> take_name(Context& cx, TenantScope tenant, PayLinkId link, std::string name) {
  return retry([&cx, tenant, link, key = pay_name_key(tenant.environment, name)]() -> Task<Result<bool>> {
    const auto held = co_await cx.store.load<PayName>(key);
    if (held && held->record.link == link) co_return true;
    if (held) {
      const auto& holder = held->record.tenant;
      // A reset of the sandbox removes a workspace's links with its other rows.
      const auto controls = co_await cx.store.load<SandboxControls>(sandbox_controls_key(holder));
      const bool was_reset = controls && holder.generation != controls->record.generation;
      if (!was_reset && co_await cx.store.get(pay_link_key(holder, held->record.link.text()))) co_return false;
    }
    WriteBatch batch;
    batch.replace_or_create(held ? &held->entry : nullptr, key, to_row(PayName{tenant, link}));
    co_await cx.store.commit(std::move(batch));
    co_return true;
  });
}

}  // namespace lntpay
