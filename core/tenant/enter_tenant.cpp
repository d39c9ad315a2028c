// One read for a test workspace, none for live.
#include "core/tenant/enter_tenant.hpp"

namespace lntpay {

std::string sandbox_controls_key(const TenantScope& tenant) { return tenant.without_generation().key("sandbox", "controls"); }

Task<Result<TenantScope>> enter_tenant(Context& cx, TenantScope tenant) {
  if (tenant.environment != Environment::test) co_return tenant;
  const auto stored = co_await cx.store.load<SandboxControls>(sandbox_controls_key(tenant));
  if (stored) cx.sandbox = stored->record;
  tenant.generation = cx.sandbox.generation;
  co_return tenant;
}

}  // namespace lntpay
