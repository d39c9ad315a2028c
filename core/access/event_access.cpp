// One row for each resource: its events, and the scopes of which any one shows them.
#include "core/access/event_access.hpp"

#include <array>

namespace lntpay {
namespace {

struct Readers {
  EventTypes types;
  Scope scope;    ///< named where it is missing
  ScopeSet also;  ///< other scopes that show the resource
};

using enum EventType;

// `charges:write` shows charges, since it created them: the key of a till receives their webhooks.
constexpr std::array readers{
    Readers{{charge_created, charge_paid, charge_paid_late, charge_underpaid, charge_expired, charge_canceled},
            Scope::charges_read,
            {Scope::charges_write, Scope::ledger_read}},
    Readers{{withdrawal_created, withdrawal_dispatched, withdrawal_succeeded, withdrawal_failed, withdrawal_unknown},
            Scope::withdrawals_read,
            {Scope::ledger_read}},
    Readers{{webhook_test, webhook_endpoint_failing, webhook_endpoint_disabled}, Scope::webhooks_read, {Scope::webhooks_write}},
    Readers{{api_key_created, api_key_revoked, api_key_rolled}, Scope::keys_write, {}},
    Readers{{gate_redeemed, gate_released}, Scope::gates_read, {}},
};

constexpr bool every_type_has_readers() {
  EventTypes types;
  for (const auto& each : readers) types = types.with(each.types);
  return types == EventTypes::all();
}
static_assert(every_type_has_readers());

bool may_read(ScopeSet scopes, const Readers& each) { return scopes.has(each.scope) || !scopes.common(each.also).empty(); }

}  // namespace

EventTypes readable_events(ScopeSet scopes) {
  EventTypes types;
  for (const auto& each : readers) {
    if (may_read(scopes, each)) types = types.with(each.types);
  }
  return types;
}

ScopeSet readers_of(EventType type) {
  ScopeSet scopes;
  for (const auto& each : readers) {
    if (each.types.has(type)) scopes = each.also.with({each.scope});
  }
  return scopes;
}

Result<> require_readable(ScopeSet scopes, EventTypes types) {
  ScopeSet needed;
  for (const auto& each : readers) {
    if (!types.common(each.types).empty() && !may_read(scopes, each)) needed.add(each.scope);
  }
  return require_scopes(scopes, needed);
}

}  // namespace lntpay
