// Selects the node of an environment.
#include "core/lightning/node/node.hpp"

#include "core/lightning/node/lnd.hpp"
#include "core/lightning/node/sandbox_node.hpp"

namespace lntpay {

Task<Result<std::optional<NodeInvoice>>> Node::lookup(Bytes32 payment_hash) {
  co_return (co_await look_up_invoice(payment_hash)).invoice;
}

std::unique_ptr<Node> node_of(Context& cx, const TenantScope& tenant) {
  switch (tenant.environment) {
    case Environment::test: return std::make_unique<SandboxNode>(cx, tenant);
    case Environment::live: return cx.settings.live_node ? std::make_unique<LndNode>(cx) : nullptr;
  }
}

Result<std::unique_ptr<Node>> require_node(Context& cx, const TenantScope& tenant) {
  if (cx.sandbox.has(SandboxFault::node_down)) {
    return fail(ErrorCode::node_unavailable,
                "The sandbox fault node_down is on, so the node is unavailable. Turn it off to continue.");
  }
  auto node = node_of(cx, tenant);
  if (node == nullptr) {
    return fail(ErrorCode::node_unavailable, "No Lightning node is configured for the live environment; use a test key.");
  }
  return node;
}

bolt11::PayerRules payer_rules(const Settings& settings, const TenantScope& tenant) {
  if (tenant.environment == Environment::test) {
    return {.network = bolt11::Network::regtest, .own_node = public_key(sandbox_node_key(tenant))};
  }
  return {.network = bolt11::network_of_name(settings.live_network).value_or(bolt11::Network::bitcoin)};
}

}  // namespace lntpay
