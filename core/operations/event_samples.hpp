// The data of samples, by the kind of object that an event type carries (event_type_table.hpp).
#pragma once
#include <string>

#include "core/event/event.hpp"

namespace lntpay::samples {

/// Of ids: zeros.
template <class Tag>
void set_id(Id<Tag>& id) {
  id = *Id<Tag>::parse(std::string(Tag::prefix).append(id_tail_size, '0'));
}

inline constexpr UnixMillis time{1'770'091'506'000};  // 2026-02-03T04:05:06Z

// Each yields the object as an event of the type shows it. `tenant`: the workspace with zeros.
std::string charge(EventType type, const TenantScope& tenant);
std::string withdrawal(EventType type, const TenantScope& tenant);
std::string redemption(EventType type, const TenantScope& tenant);
std::string endpoint(EventType type, const TenantScope& tenant);
std::string test_event(EventType type, const TenantScope& tenant);
std::string api_key(EventType type, const TenantScope& tenant);

}  // namespace lntpay::samples
