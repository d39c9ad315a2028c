// /v1/redemptions: a service commits or releases a use that it reserved. The object: core/gate/redemption_object.hpp.
#include "core/gate/redemption_object.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace redemptions_resource {
namespace {

constexpr Field reservation{.name = "reservation",
                            .type = FieldType::integer,
                            .description = "The `reservation` of the admission; that of a repeat, 0, changes nothing.",
                            .required = true,
                            .min = 0,
                            .max = 9'007'199'254'740'991};
constexpr Field release_body[] = {reservation};
constexpr Field commit_body[] = {
    reservation,
    {.name = "price_msat",
     .type = FieldType::msats,
     .description = "Of a metered use: its price, no more than `max_price_msat` of the admission is taken; default: all of that.",
     .min = 0},
};

Task<Result<Redemption>> own_redemption(Call& call) {
  auto redemption = co_await find_redemption(call.cx, co_await path_id<RedemptionId>(call));
  if (redemption.tenant != call.tenant) co_return no_such_redemption();
  co_return std::move(redemption);
}

Done commit(Call& call) {
  auto redemption = co_await own_redemption(call);
  co_return (co_await commit_redemption(call.cx, std::move(redemption), call.claim, call.body.msats("price_msat"))).json;
}

Done release(Call& call) {
  const auto held = *call.body.integer("reservation");
  auto redemption = co_await own_redemption(call);
  co_return (co_await release_redemption(call.cx, std::move(redemption), held, call.claim)).json;
}

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/redemptions/{redemption}/commit",
     .summary = "Commit a use: the request was served",
     .handler = commit,
     .scopes = {Scope::gates_verify},
     .rate_class = ratelimit::RateClass::redemption,
     .idempotency = IdempotencyUse::accepted,
     .body = commit_body,
     .answer = redemption_fields,
     .errors = errors::missing},
    {.method = "POST",
     .pattern = "/v1/redemptions/{redemption}/release",
     .summary = "Release a use: the request was not served",
     .handler = release,
     .scopes = {Scope::gates_verify},
     .rate_class = ratelimit::RateClass::redemption,
     .idempotency = IdempotencyUse::accepted,
     .body = release_body,
     .answer = redemption_fields,
     .errors = errors::missing},
};

}  // namespace
}  // namespace redemptions_resource

std::span<const Route> resources::redemptions() { return redemptions_resource::routes; }

}  // namespace lntpay
