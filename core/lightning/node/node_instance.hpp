// Instances of a node. A node restored from its seed or a backup keeps its key and loses records, so it counts as a new instance: a
// missing or failed payment proves nothing about what it sent before. The operator records a restore before the node is used again
// (docs/lnd.md, "After a restore").
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/crypto/secp256k1.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/storage/row.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// `00/node/{environment}/restores`
struct Restores {
  static constexpr int row_version = 1;
  std::uint64_t count = 0;
  auto fields(this auto& self) { return std::tie(self.count); }
};

/// The present instance: the node's key in hex and the number of restores, "02ab….1". To evaluate a response of the node, read
/// it after the response, so that an earlier restore counts; to record the node of a payment, read it before the node is asked.
Task<Result<std::string>> node_instance_of(Context& cx, Environment environment, PublicKey key);
/// The instance that receives in this environment, asked now; empty for the sandbox, whose nodes are rows of their workspace.
/// Fails with node_unavailable.
Task<Result<std::string>> receiving_instance(Context& cx, Environment environment);
/// As `receiving_instance`, but as any session knew it within the last minute: for the record of an invoice. One that names a
/// former instance is never deleted on the word of the present one.
Task<Result<std::string>> recent_instance(Context& cx, Environment environment);
/// The key of an instance, in hex.
std::string_view instance_key(std::string_view instance);

/// Records a restore of the environment's node, with an audit note. Yields {"object":"node_restore",…}.
Task<Result<std::string>> record_restore(Context& cx, Environment environment, std::string evidence, IdempotencyClaim claim);

}  // namespace lntpay
