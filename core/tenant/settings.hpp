// What the operator decided, as values: after it was read (edge/engine/config of JSON, host-adapters/wasi-http/wasi_settings of the
// environment) and before any request.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/secret.hpp"
#include "core/crypto/seal.hpp"

namespace lntpay {

/// A key under which API keys are stored as HMACs; `id` is part of the row's key, so that a pepper can be rotated.
struct Pepper {
  std::string id;
  Secret key;
};

/// Where webhooks may go: `guarded` asks may-connect for every resolved address; `platform` trusts the runtime to have no
/// way into private networks; `allowlist` names the hosts.
enum class EgressMode : std::uint8_t { guarded, platform, allowlist };

struct Egress {
  EgressMode mode = EgressMode::guarded;
  bool allow_loopback = false;  ///< the sandbox may post to 127.0.0.0/8 and ::1
  std::vector<std::string> allow;
};

/// `quota` requests in any `window_s` seconds.
struct RateLimit {
  static constexpr std::uint32_t quota_max = 100'000'000;  ///< what an operator may set, from 1
  static constexpr std::uint32_t window_s_max = 86'400;

  std::uint32_t quota = 100;
  std::uint32_t window_s = 60;
};

/// So long the invoice of a gate's challenge can be paid, and so long the limits on challenges look back.
inline constexpr std::uint32_t challenge_expires_in_s = 600;

struct Settings {
  std::string base_url;  ///< without a slash at the end
  std::vector<Pepper> peppers;
  std::vector<SealKey> seal;
  Secret cursor_key;
  Secret gate_key;
  Bytes32 operator_hmac{};   ///< HMAC-SHA-256 of the operator's token under the first pepper
  std::string live_network;  ///< "bitcoin", "testnet", "signet", "regtest"
  bool live_node = false;    ///< a Lightning node is configured for `live`
  bool send_once = false;    ///< the host can send a request so that no layer repeats it
  RateLimit rate;
  RateLimit challenges_per_client;  ///< new invoices of gates for one address
  RateLimit challenges_per_gate;
  Egress egress;
};

}  // namespace lntpay
