// /v1/redemptions: a service commits or releases a use that it reserved. The object: core/gate/redemption_object.hpp.
#include "core/gate/redemption_object.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace redemptions_resource {
namespace {

constexpr Field reservation_body[] = {
    {.name = "reservation",
     .type = FieldType::integer,
     .description = "The `reservation` of the admission; that of a repeat, 0, changes nothing.",
     .required = true,
     .min = 0,
     .max = 9'007'199'254'740'991},
};

Task<Result<Redemption>> own_redemption(Call& call) {
  auto redemption = co_await find_redemption(call.cx, co_await path_id<RedemptionId>(call));
  if (redemption.tenant != call.tenant) co_return no_such_redemption();
  co_return std::move(redemption);
}

Done commit(Call& call) { co_return co_await commit_redemption(call.cx, co_await own_redemption(call), call.claim); }

Done release(Call& call) {
  const auto reservation = *call.body.integer("reservation");
  co_return co_await release_redemption(call.cx, co_await own_redemption(call), reservation, call.claim);
}

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/redemptions/{redemption}/commit",
     .summary = "Commit a use: the request was served",
     .handler = commit,
     .scopes = {Scope::gates_verify},
     .rate_class = ratelimit::RateClass::redemption,
     .idempotency = IdempotencyUse::accepted,
     .body = reservation_body,
     .answer = redemption_fields,
     .errors = errors::missing},
    {.method = "POST",
     .pattern = "/v1/redemptions/{redemption}/release",
     .summary = "Release a use: the request was not served",
     .handler = release,
     .scopes = {Scope::gates_verify},
     .rate_class = ratelimit::RateClass::redemption,
     .idempotency = IdempotencyUse::accepted,
     .body = reservation_body,
     .answer = redemption_fields,
     .errors = errors::missing},
};

}  // namespace
}  // namespace redemptions_resource

std::span<const Route> resources::redemptions() { return redemptions_resource::routes; }

}  // namespace lntpay
