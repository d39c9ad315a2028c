// The count of restores, in the operator's shard.
#include "core/lightning/node/node_instance.hpp"

#include "core/base/encoding.hpp"
#include "core/lightning/node/lnd.hpp"
#include "core/lightning/node/node_restore_object.hpp"
#include "core/request/audit_trail.hpp"
#include "core/tenant/operator.hpp"

namespace lntpay {
namespace {

constexpr std::string_view recent_instance_key = "~00/node/live/instance";
constexpr Millis recent_for = minutes(1);

struct RecentInstance {
  static constexpr int row_version = 1;
  std::string instance;
  UnixMillis read_at;
  auto fields(this auto& self) { return std::tie(self.instance, self.read_at); }
};

std::string restores_key(Environment environment) { return "00/node/" + std::string(name_of(environment)) + "/restores"; }

}  // namespace

Task<Result<std::string>> node_instance_of(Context& cx, Environment environment, PublicKey key) {
  const auto stored = co_await cx.store.load<Restores>(restores_key(environment));
  auto name = hex(key.bytes);
  if (stored) name.append(".").append(std::to_string(stored->record.count));
  co_return name;
}

Task<Result<std::string>> receiving_instance(Context& cx, Environment environment) {
  if (environment == Environment::test) co_return std::string();
  co_return co_await node_instance_of(cx, environment, co_await LndNode(cx).identity_at(lnd::receive));
}

Task<Result<std::string>> recent_instance(Context& cx, Environment environment) {
  if (environment == Environment::test) co_return std::string();
  const auto entry = co_await cx.store.get(std::string(recent_instance_key));
  const auto known = entry ? from_row<RecentInstance>(entry->value).value_or(RecentInstance{}) : RecentInstance{};
  const auto now = cx.host_now();
  if (known.read_at <= now && now < known.read_at + recent_for) co_return known.instance;
  auto instance = co_await receiving_instance(cx, environment);
  WriteBatch batch;
  batch.put(std::string(recent_instance_key), to_row(RecentInstance{instance, now}));
  co_await attempt(cx.store.commit(std::move(batch)));
  co_return instance;
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
