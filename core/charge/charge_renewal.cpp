// The new charge's id and preimage follow from the expired one's id and the host's key, as those of a repeated request from its
// claim. So two payers who press the button at once get one invoice.
#include "core/charge/charge_renewal.hpp"

#include "core/charge/charge_creation.hpp"
#include "core/charge/charge_operations.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {

Task<Result<Charge>> renew_charge(Context& cx, TenantScope tenant, ChargeId id) {
  auto old = co_await get_charge(cx, tenant, std::move(id), {});
  if (!can_renew(old)) co_return fail(ErrorCode::invalid_state, "Only an expired charge that is renewable has a new invoice.");
  const auto key = charge_key(tenant, old.id);
  const auto seed = hmac_sha256(cx.settings.gate_key.reveal(), {bytes_of("renewal\n"), bytes_of(key)});
  const IdempotencyClaim claim(cx.settings, tenant, {.key = key}, {.created_at = old.expires_at}, seed);
  auto made = co_await create_charge(cx, tenant,
                                     {.amount = old.amount,
                                      .bounds = old.bounds,
                                      .description = std::move(old.description),
                                      .description_hash = old.description_hash,
                                      .expires_in_s = static_cast<std::uint32_t>((old.expires_at - old.created_at).value / 1'000),
                                      .external_id = std::move(old.external_id),
                                      .metadata = std::move(old.metadata),
                                      .success_url = std::move(old.success_url),
                                      .webhook_url = std::move(old.webhook_url),
                                      .late_policy = old.late_policy,
                                      .cancel_url = std::move(old.cancel_url),
                                      .renewable = true,
                                      .renews = old.id},
                                     claim.without_answer());
  co_return std::move(made.charge);
}

}  // namespace lntpay
