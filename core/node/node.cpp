// Which node serves which environment.
#include "core/node/node.hpp"

#include "core/node/lnd.hpp"
#include "core/node/sandbox.hpp"

namespace lntpay {

std::unique_ptr<Node> node_of(Context& cx, const Realm& realm) {
  switch (realm.environment) {
    case Environment::test: return std::make_unique<SandboxNode>(cx, realm);
    case Environment::live: return cx.settings.live_node ? std::make_unique<LndNode>(cx) : nullptr;
  }
}

Result<std::unique_ptr<Node>> require_node(Context& cx, const Realm& realm) {
  if (cx.sandbox.has(SandboxFault::node_down)) {
    return fail(ErrorCode::node_unavailable, "The sandbox's fault node_down is on: the node cannot be reached.");
  }
  auto node = node_of(cx, realm);
  if (node == nullptr) {
    return fail(ErrorCode::node_unavailable, "No Lightning node is configured for the live environment; use a test key.");
  }
  return node;
}

bolt11::PayerRules payer_rules(const Settings& settings, const Realm& realm) {
  if (realm.environment == Environment::test) {
    return {.network = bolt11::Network::regtest, .own_node = public_key(sandbox_node_key(realm))};
  }
  return {.network = bolt11::network_of_name(settings.live_network).value_or(bolt11::Network::bitcoin)};
}

}  // namespace lntpay
