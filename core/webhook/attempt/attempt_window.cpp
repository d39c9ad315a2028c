// Flight rows, and which slot a run takes.
#include "core/webhook/attempt/attempt_window.hpp"

#include "core/tenant/readable.hpp"

namespace lntpay {

std::string flight_key(const TenantScope& tenant, const EndpointId& endpoint, Slot slot) {
  return tenant.key("flight", endpoint.text()).append("/").append(std::to_string(slot));
}

DueWork slot_run(const TenantScope& tenant, const EndpointId& endpoint, Slot slot) {
  return {"webhook", tenant, std::string(endpoint.text()).append(".").append(std::to_string(slot))};
}

std::optional<Slot> slot_of(const DueWork& work) {
  Slot slot = 0;
  const std::string_view id = work.id;
  const bool good = row::read(id.substr(id.rfind('.') + 1), slot) && slot < window_slots;
  return good ? std::optional(slot) : std::nullopt;
}

Task<Result<Window>> load_window(Context& cx, TenantScope tenant, EndpointId endpoint, WriteBatch& batch) {
  std::vector<std::string> keys;
  for (Slot slot = 0; slot < window_slots; ++slot) keys.push_back(flight_key(tenant, endpoint, slot));
  const auto rows = co_await cx.store.get_all(keys);
  Window window;
  for (Slot slot = 0; slot < window_slots; ++slot) {
    if (!rows[slot]) continue;
    window.flights[slot] = readable<Flight>(cx, keys[slot], rows[slot]);
    if (!window.flights[slot]) batch.remove(*rows[slot]);
  }
  co_return std::move(window);
}

std::optional<QueueKind> next_for(Slot slot, const DueCounts& due) {
  if (slot < retry_slots && due.retry > 0) return QueueKind::retry;
  if (due.first > 0) return QueueKind::first;
  return std::nullopt;
}

std::optional<Slot> choose_slot(const Context& cx, const Window& window, std::optional<Slot> wanted, const DueCounts& due) {
  const auto is_lost = [&](Slot slot) { return window.is_lost(slot, cx); };
  const auto is_usable = [&](Slot slot) { return window.is_free(slot) && next_for(slot, due); };
  if (wanted && (is_lost(*wanted) || is_usable(*wanted))) return wanted;
  for (Slot slot = window_slots; slot-- > 0;) {
    if (is_usable(slot)) return slot;
  }
  for (Slot slot = 0; slot < window_slots; ++slot) {
    if (is_lost(slot)) return slot;
  }
  return std::nullopt;
}

}  // namespace lntpay
