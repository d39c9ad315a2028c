// The count of restores, in the operator's shard.
#include "core/lightning/node/node_instance.hpp"

#include "core/base/encoding.hpp"
#include "core/lightning/node/node_restore_object.hpp"
#include "core/request/audit_trail.hpp"
#include "core/tenant/operator.hpp"

namespace lntpay {
namespace {

std::string restores_key(Environment environment) { return "00/node/" + std::string(name_of(environment)) + "/restores"; }

}  // namespace

Task<Result<std::string>> node_instance_of(Context& cx, Environment environment, PublicKey key) {
  const auto stored = co_await cx.store.load<Restores>(restores_key(environment));
  auto name = hex(key.bytes);
  if (stored) name.append(".").append(std::to_string(stored->record.count));
  co_return name;
}

std::string_view instance_key(std::string_view instance) { return instance.substr(0, instance.find('.')); }

Task<Result<std::string>> record_restore(Context& cx, Environment environment, std::string evidence, IdempotencyClaim claim) {
  return retry([&cx, environment, evidence, claim]() -> Task<Result<std::string>> {
    const auto key = restores_key(environment);
    const auto stored = co_await cx.store.load<Restores>(key);
    const Restores restores{.count = stored ? stored->record.count + 1 : 1};
    const auto json = node_restore_object.text({environment, restores.count});
    WriteBatch batch;
    batch.replace_or_create(stored ? &stored->entry : nullptr, key, to_row(restores));
    add_audit_note(cx, batch, operator_tenant(),
                   {
                       .action = "node.restored",
                       .subject = "node_" + std::string(name_of(environment)) + "." + std::to_string(restores.count),
                       .detail = evidence,
                   });
    claim.write(batch, json);
    co_await cx.store.commit(std::move(batch));
    co_return json;
  });
}

}  // namespace lntpay
