// The oracle's checks of events and their deliveries at each commit: I11.
#include <algorithm>

#include "tests/sim/oracle.hpp"

namespace lntpay::sim {

/// I11: the commit of a change has its event.
void Oracle::require_event(const std::vector<RowChange>& commit, const std::string& type, std::string_view id) {
  if (type.empty()) return;
  const auto is_its_event = [&](const RowChange& change) {
    if (change.after == nullptr || Place::of(change.key).room != "event") return false;
    return split(*change.after)[event_row::type] == type && change.after->find(id) != std::string::npos;
  };
  require(std::ranges::any_of(commit, is_its_event), "I11 no ", type, " in the commit that changes ", std::string(id));
}

void Oracle::saw_event(const Place& place, const RowChange& change) {
  require(change.before == nullptr && change.after != nullptr, "I5 an event changed: ", std::string(change.key));
  const auto event = split(*change.after);
  require(number(event[event_row::seq]) == ++books_[place.tenant].events, "I11 events have a gap: ", std::string(change.key));
}

/// I11: events are pruned oldest first, and only after the period. Neither clock of the host is off by more than an hour.
void Oracle::saw_pruned(const Place& place, const RowChange& change) {
  const auto event = split(*change.before);
  require(number(event[event_row::seq]) == ++books_[place.tenant].pruned,
          "I11 an event is pruned before an older one: ", std::string(change.key));
  const auto* controls = scene_.store.find(lasting(place.tenant) + "/sandbox/controls");
  const auto ahead = controls == nullptr || is_live(place.tenant) ? 0 : number(split(*controls)[controls_row::ahead]);
  const auto now = static_cast<std::int64_t>(scene_.agenda.now().value) + ahead + hours(1).value;
  require(number(event[event_row::at]) + days(campaign_keeps_events_days).value <= now,
          "I11 an event is pruned within the period: ", *change.before);
  scene_.marks.reach("retention: events were pruned");
}

/// I11: nothing is left of a pruned event: neither its delivery, pending or not, nor its id.
void Oracle::check_pruned(const std::string& tenant) const {
  const auto last = books_.at(tenant).pruned;
  const auto check = [&](std::string_view room, auto seq_of) {
    scene_.store.below(tenant + std::string(room), [&](const std::string& key, const std::string& value) {
      require(seq_of(value) > last, "I11 an event was pruned, and this is left: ", key);
      return true;
    });
  };
  check("/delivery/", [](const std::string& value) { return number(split(value)[delivery_row::event_seq]); });
  check("/event_id/", [](const std::string& value) { return number(value); });
}

/// I11: with `ordering: per_object` a delivery leaves when every earlier one of its object has ended. An attempt that a crash ended
/// is retried without waiting for an event that was recovered meanwhile.
void Oracle::saw_flight(const Place& place, const RowChange& change) {
  const std::string id(split(*change.after)[flight_row::delivery]);
  if (change.before != nullptr && split(*change.before)[flight_row::delivery] == id) return;
  const auto* row = scene_.store.find(place.tenant + "/delivery/" + id);
  if (row == nullptr || split(*row)[delivery_row::is_ordered] != "1") return;
  const auto leaving = split(*row);
  const auto about = place.tenant + "/delivery_about/" + std::string(leaving[delivery_row::object]) + "/";
  scene_.store.below(about, [&](const std::string& key, const std::string&) {
    const auto* found = scene_.store.find(place.tenant + "/delivery/" + key.substr(about.size()));
    if (found == nullptr) return true;
    const auto& value = *found;
    const auto other = split(value);
    const bool is_before = other[delivery_row::endpoint] == leaving[delivery_row::endpoint] &&
                           number(other[delivery_row::event_seq]) < number(leaving[delivery_row::event_seq]);
    if (!is_before || other[delivery_row::is_ordered] != "1") return true;
    scene_.marks.reach("webhook: ordered, after an earlier one");
    require(ended_deliveries_.contains(other[delivery_row::id]),
            "I11 a delivery leaves before an earlier one of its object ended: ", *row, "\n", value);
    return true;
  });
}

void Oracle::saw_delivery(const Place& place, const RowChange& change) {
  if (change.after != nullptr && split(*change.after)[delivery_row::status] != "pending")
    ended_deliveries_.emplace(split(*change.after)[delivery_row::id]);
  if (change.before != nullptr || change.after == nullptr) return;
  const auto delivery = split(*change.after);
  const std::string seq(delivery[delivery_row::event_seq]);
  const auto* event = scene_.store.find(place.tenant + "/event/" + std::string(20 - seq.size(), '0') + seq);
  require(event != nullptr && split(*event)[event_row::id] == delivery[delivery_row::event],
          "I11 a delivery without an event: ", *change.after);
}

/// I11: the commit that ends a charge with a webhook_url has one delivery to it.
void Oracle::check_charge_delivery(const Place& place, const std::vector<std::string_view>& event,
                                   const std::vector<RowChange>& commit) const {
  const auto type = event[event_row::type];
  const auto* charge = scene_.store.find(place.tenant + "/charge/" + std::string(member(event[event_row::data], "id")));
  const auto url = charge == nullptr ? std::string_view() : split(*charge)[charge_row::webhook_url];
  if (!type.starts_with("charge.") || type == "charge.created" || url.empty()) return;
  const auto goes_there = [&](const RowChange& change) {
    if (change.before != nullptr || change.after == nullptr || Place::of(change.key).room != "delivery") return false;
    const auto delivery = split(*change.after);
    return delivery[delivery_row::url] == url && delivery[delivery_row::event] == event[event_row::id];
  };
  require(std::ranges::count_if(commit, goes_there) == 1, "I11 an event without its delivery to ", std::string(url));
}

/// I11: the commit of an event has a delivery for every endpoint. (No endpoint here filters types.)
void Oracle::check_deliveries(const Place& place, const RowChange& event, const std::vector<RowChange>& commit) const {
  const auto fields = split(*event.after);
  if (fields[event_row::type] == "webhook.test") return;
  check_charge_delivery(place, fields, commit);
  scene_.store.below(place.tenant + "/whe/", [&](const std::string& key, const std::string& value) {
    const auto before = std::ranges::find(commit, key, &RowChange::key);
    const bool is_new = before != commit.end() && before->before == nullptr;
    const auto endpoint = split(value);
    if (is_new || endpoint[endpoint_row::status] != "enabled") return true;
    // A failing endpoint does not get the event itself.
    const bool is_about_it = fields[event_row::data].contains(endpoint[endpoint_row::id]);
    if (fields[event_row::type] == "webhook_endpoint.failing" && is_about_it) return true;
    const auto goes_there = [&](const RowChange& change) {
      if (change.before != nullptr || change.after == nullptr || Place::of(change.key).room != "delivery") return false;
      const auto delivery = split(*change.after);
      return delivery[delivery_row::endpoint] == endpoint[endpoint_row::id] &&
             delivery[delivery_row::event] == fields[event_row::id];
    };
    require(std::ranges::any_of(commit, goes_there), "I11 an event without a delivery to " + key + ": ", *event.after);
    return true;
  });
}

}  // namespace lntpay::sim
