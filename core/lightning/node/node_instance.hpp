// A node that was restored from its seed or from a backup keeps its key and loses records. So it counts as another node: that it
// has no payment, or a failed one, proves nothing about what it sent before. An operator says that it was restored, before it is
// asked anything again (docs/lnd.md, "After a restore").
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

/// The node as it now is: its key in hex, and behind it how often it was restored, "02ab….1". Who judges what the node said reads
/// it afterwards, so that an operator's word is heard that came before; who writes down whom it tells to pay reads it before it
/// looks.
Task<Result<std::string>> node_instance_of(Context& cx, Environment environment, PublicKey key);
/// The key in an instance.
std::string_view instance_key(std::string_view instance);

/// Writes down that the environment's node was restored. Yields {"object":"node_restore",…}.
Task<Result<std::string>> record_restore(Context& cx, Environment environment, std::string evidence, IdempotencyClaim claim);

}  // namespace lntpay
