// The operator's record that the node was restored. The object: core/lightning/node/node_restore_object.hpp.
#include "core/lightning/node/node_instance.hpp"
#include "core/lightning/node/node_restore_object.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace node_restores_resource {
namespace {

constexpr Field restored_body[] = {fields::evidence};

Done record(Call& call) {
  const auto environment = *from_name<Environment>(*call.query.text("environment"));
  co_return co_await record_restore(call.cx, environment, *call.body.text("evidence"), call.claim);
}

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/admin/node/restored",
     .summary = "Record that the node was restored from seed or backup",
     .handler = record,
     .access = Access::operator_token,
     .idempotency = IdempotencyUse::accepted,
     .body = restored_body,
     .query = fields::environment_query,
     .answer = node_restore_fields},
};

}  // namespace
}  // namespace node_restores_resource

std::span<const Route> resources::node_restores() { return node_restores_resource::routes; }

}  // namespace lntpay
