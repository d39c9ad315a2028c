// Counted in the operator's shard.
#include "core/node/incarnation.hpp"

#include "core/audit/audit.hpp"
#include "core/auth/operator.hpp"
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"

namespace lntpay {
namespace {

std::string restores_key(Environment environment) { return "00/node/" + std::string(name_of(environment)) + "/restores"; }

}  // namespace

Task<Result<std::string>> incarnation_of(Context& cx, Environment environment, PublicKey key) {
  const auto stored = co_await cx.store.load<Restores>(restores_key(environment));
  auto name = hex(key.bytes);
  if (stored) name.append(".").append(std::to_string(stored->record.count));
  co_return name;
}

std::string_view key_in(std::string_view incarnation) { return incarnation.substr(0, incarnation.find('.')); }

Task<Result<std::string>> note_restored(Context& cx, Environment environment, std::string evidence, idempotency::Receipt receipt) {
  return retry([&cx, environment, evidence, receipt]() -> Task<Result<std::string>> {
    const auto key = restores_key(environment);
    const auto stored = co_await cx.store.load<Restores>(key);
    const Restores restores{.count = stored ? stored->record.count + 1 : 1};
    const auto json =
        JsonObject{}.add("object", "node_restore").add("environment", name_of(environment)).add("restores", restores.count).text();
    Plan plan;
    if (stored) {
      plan.replace(stored->entry, to_row(restores));
    } else {
      plan.create(key, to_row(restores));
    }
    plan_note(plan, operator_realm(),
              {
                  .at = cx.host_now(),
                  .actor = "operator",
                  .action = "node.restored",
                  .subject = "node_" + std::string(name_of(environment)) + "." + std::to_string(restores.count),
                  .detail = evidence,
              });
    receipt.write(plan, json);
    co_await cx.store.commit(std::move(plan));
    co_return json;
  });
}

}  // namespace lntpay
