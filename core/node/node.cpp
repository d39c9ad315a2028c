// Which node serves which environment.
#include "core/node/node.hpp"

#include "core/node/sandbox.hpp"

namespace lntpay {

std::unique_ptr<Node> node_of(Context& cx, const Realm& realm) {
  switch (realm.environment) {
    case Environment::test: return std::make_unique<SandboxNode>(cx, realm);
    case Environment::live: return nullptr;
  }
}

Result<bolt11::Network> network_of(const Settings& settings, Environment environment) {
  if (environment == Environment::test) return bolt11::Network::regtest;
  const auto network = bolt11::network_of_name(settings.live_network);
  if (!network) return fail(ErrorCode::internal_error, "live_network names no network");
  return *network;
}

Result<std::unique_ptr<Node>> require_node(Context& cx, const Realm& realm) {
  auto node = node_of(cx, realm);
  if (node == nullptr) {
    return fail(ErrorCode::node_unavailable, "No Lightning node is configured for the live environment; use a test key.");
  }
  return node;
}

}  // namespace lntpay
