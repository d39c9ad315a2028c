// The operator's settings as values, read at start-up (edge/engine/config from JSON, host-adapters/wasi-http/wasi_settings from the
// environment).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/secret.hpp"
#include "core/base/units.hpp"
#include "core/crypto/seal.hpp"

namespace lntpay {

/// A key of the HMACs under which API keys are stored; `id` is part of the row's key, so peppers can be rotated.
struct Pepper {
  std::string id;
  Secret key;
};

/// Allowed targets of webhooks: `guarded` calls may-connect for every resolved address; `platform` trusts the runtime to have no
/// route into private networks; `allowlist` names the hosts.
enum class EgressMode : std::uint8_t { guarded, platform, allowlist };

struct Egress {
  EgressMode mode = EgressMode::guarded;
  bool allow_loopback = false;  ///< the sandbox may post to 127.0.0.0/8 and ::1
  std::vector<std::string> allow;
};

/// `quota` requests in any `window_s` seconds.
struct RateLimit {
  static constexpr std::uint32_t quota_max = 100'000'000;  ///< settings are from 1 to this
  static constexpr std::uint32_t window_s_max = 86'400;

  std::uint32_t quota = 100;
  std::uint32_t window_s = 60;
};

/// The expiry of the invoice in a gate's challenge, and the window of the limits on challenges.
inline constexpr std::uint32_t challenge_expires_in_s = 600;

/// The range of `Settings::keep_events` in days; 0: forever.
inline constexpr std::uint32_t keep_events_days_default = 90;
inline constexpr std::uint32_t keep_events_days_max = 3'650;

struct Settings {
  std::string base_url;  ///< without a trailing slash
  std::vector<Pepper> peppers;
  std::vector<SealKey> seal;
  Secret cursor_key;
  Secret gate_key;
  Bytes32 operator_hmac{};   ///< HMAC-SHA-256 of the operator's token under the first pepper
  std::string live_network;  ///< "bitcoin", "testnet", "signet", "regtest"
  bool live_node = false;    ///< a Lightning node is configured for `live`
  bool send_once = false;    ///< the host can send a request that no layer retries
  RateLimit rate;
  RateLimit challenges_per_client;  ///< its quota: open unpaid challenges of a gate for one client address
  RateLimit challenges_per_gate;
  Egress egress;
  /// Random, of a process that alone works on its store: what a former one was doing has ended. Empty: others may work beside it.
  std::string process;
  Millis keep_events = days(keep_events_days_default);  ///< how long events, deliveries and attempts are kept; 0: forever
};

}  // namespace lntpay
