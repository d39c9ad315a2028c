// Which events a key may read: those of the resources that it may read. Events and webhooks are no way around a scope.
#pragma once
#include "core/access/scopes.hpp"
#include "core/event/event.hpp"

namespace lntpay {

EventTypes readable_events(ScopeSet scopes);
/// The scopes of which any one suffices to read this type.
ScopeSet readers_of(EventType type);

/// Fails with insufficient_scopes (details: required, missing) if the scopes do not allow reading all of these types.
Result<> require_readable(ScopeSet scopes, EventTypes types);

}  // namespace lntpay
