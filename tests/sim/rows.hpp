// Rows as docs/formats.md describes them: names for the positions of their fields.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/text.hpp"

namespace lntpay::sim {

namespace head_row {
enum : std::size_t { version, available, locked, suspense, entries, chain, events };
}
namespace ledger_row {
enum : std::size_t {
  version,
  id,
  seq,
  type,
  transfer,
  available,
  locked,
  suspense,
  available_after,
  locked_after,
  reference,
  at,
  previous,
  hash
};
}
namespace transfer_row {
enum : std::size_t { version, entry, seq };
}
namespace event_row {
enum : std::size_t { version, id, seq, type, at, data };
}
namespace charge_row {
enum : std::size_t {
  version,
  id,
  status,
  amount,
  description,
  description_hash,
  external_id,
  metadata,
  payment_hash,
  preimage,
  bolt11,
  created_at,
  expires_at,
  paid_at,
  settled,
  due_at,
  success_url,
  late_policy,
  webhook_url,
  cancel_url,
  renewable,
  renews,
  gate_terms,
  min,
  max,
  refunded
};
}
namespace challenge_row {
enum : std::size_t {
  version,
  workspace,
  gate,
  state,
  payment_hash,
  amount,
  description,
  gate_terms,
  late_policy,
  client,
  network,
  preimage,
  bolt11,
  created_at,
  expires_at,
  node,
  due_at,
  missing_since,
  charge
};
}
namespace withdrawal_row {
enum : std::size_t {
  version,
  id,
  status,
  attempt,
  bolt11,
  payment_hash,
  amount,
  fee_limit,
  amount_stated,
  expires_at,
  external_id,
  metadata,
  key,
  created_at,
  due_at,
  dispatched_at,
  node,
  base_index,
  sends,
  sends_once,
  last_send_at,
  seen,
  known_index,
  known_failed,
  quiet_poll_at,
  quiet_poll_state,
  polls,
  last_checked_at,
  stuck_since,
  reason,
  ended_at,
  fee,
  sealed_preimage,
  watched_until,
  ended_by,
  refunds
};
}
namespace uses_row {
enum : std::size_t { version, begun, reservations, open, commit, repeatable, opened, repeat_s, spent };
}
namespace delivery_row {
enum : std::size_t {
  version,
  id,
  endpoint,
  event,
  event_seq,
  type,
  status,
  attempts,
  tries,
  created_at,
  next_attempt_at,
  succeeded_at,
  last_code,
  last_latency_ms,
  last_reason,
  object,
  url,
  is_ordered
};
}
namespace flight_row {
enum : std::size_t { version, delivery };
}
namespace endpoint_row {
enum : std::size_t { version, id, url, description, types, secrets, status };
}
namespace controls_row {
enum : std::size_t { version, generation, ahead, faults };
}
namespace sandbox_invoice_row {
enum : std::size_t { version, bolt11, amount, description, description_hash, expiry_s, expires_at, canceled_at, paid_at, paid };
}
namespace sandbox_payment_row {
enum : std::size_t { version, index, ends_at, succeeds, fee, preimage };
}

/// A key's parts: "{shard}/{env}/{workspace}/{room}/…".
struct Place {
  std::string tenant;  ///< "Ab/test/ws_…"; empty: not a workspace's row
  std::string_view room;
  std::string_view rest;

  static Place of(std::string_view key) {
    const auto parts = split(key, '/');
    if (parts.size() < 4 || (parts[1] != "test" && parts[1] != "live") || key.starts_with('~')) return {};
    Place place;
    const auto tenant_size = parts[0].size() + parts[1].size() + parts[2].size() + 2;
    place.tenant = key.substr(0, tenant_size);
    place.room = parts[3];
    if (key.size() > tenant_size + place.room.size() + 2) place.rest = key.substr(tenant_size + place.room.size() + 2);
    return place;
  }
};

/// A sandbox that was reset continues in "…/ws_….2"; its keys and controls stay in "…/ws_…".
inline std::string lasting(std::string_view tenant) { return std::string(tenant.substr(0, tenant.find('.'))); }
inline std::string generation_of(const std::string& lasting, std::int64_t generation) {
  return generation == 0 ? lasting : lasting + "." + std::to_string(generation);
}

inline bool is_live(std::string_view tenant) { return tenant.substr(3, 4) == "live"; }

}  // namespace lntpay::sim
