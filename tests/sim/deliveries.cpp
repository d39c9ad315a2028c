// I11 in a quiet world: every delivery has ended as its row states. (That an event has one for every endpoint is checked in
// its commit.) And nothing but its deliveries is left of a deleted endpoint.
#include "tests/sim/clients.hpp"

namespace lntpay::sim {

void Clients::check_deliveries() {
  for (const auto& [tenant, books] : oracle_.books()) {
    if (oracle_.is_past(tenant)) continue;
    scene_.store.below(tenant + "/delivery/", [&](const std::string&, const std::string& value) {
      const auto row = split(value);
      const std::string endpoint(row[delivery_row::endpoint]);
      const std::string id(row[delivery_row::id]);
      const auto status = row[delivery_row::status];
      // A charge's own URL has a target in the place of an endpoint, without a row: nothing deletes or disables it.
      const std::string url(row[delivery_row::url]);
      const auto* standing = scene_.store.find(tenant + "/whe/" + endpoint);
      if (!url.empty()) scene_.marks.reach("webhook: of one charge, " + std::string(status));
      if (status == "succeeded") {
        require(receivers_.has_seen(url.empty() ? oracle_.urls().at(endpoint) : url, row[delivery_row::event]),
                "I11 delivered, but never received: ", value);
      } else if (status == "failed") {
        std::string seq(row[delivery_row::event_seq]);
        seq.insert(0, 20 - seq.size(), '0');
        const auto* letter = scene_.store.find(tenant + "/dead/" + endpoint + "/" + seq);
        require(letter != nullptr && *letter == id, "I11 failed, without a dead letter: ", value);
      } else if (status == "canceled") {
        require(url.empty() && standing == nullptr, "I11 canceled, but its endpoint is enabled: ", value);
        scene_.marks.reach("webhook: canceled with its endpoint");
      } else {
        // Only a disabled endpoint may keep undelivered events in its queue.
        require(standing != nullptr && split(*standing)[endpoint_row::status] == "disabled",
                "I11 an event is not delivered: ", value);
        bool queued = false;
        for (const auto* room : {"/queue/", "/retry/"}) {
          scene_.store.below(tenant + room + endpoint + "/", [&](const std::string& key, const std::string&) {
            queued = queued || key.ends_with(id);
            return !queued;
          });
        }
        // Or it waits there for an earlier one of its object.
        scene_.store.below(tenant + "/order/" + endpoint + "/", [&](const std::string&, const std::string& place) {
          queued = queued || place.contains(id);
          return !queued;
        });
        require(queued, "I11 an event is lost: ", value);
      }
      return true;
    });
    for (const auto* room : {"/failing/", "/pace/", "/recovery/"}) {
      const auto prefix = tenant + room;
      scene_.store.below(prefix, [&](const std::string& key, const std::string&) {
        require(scene_.store.find(tenant + "/whe/" + key.substr(prefix.size())) != nullptr, "a deleted endpoint left the row ",
                key);
        return true;
      });
    }
  }
}

}  // namespace lntpay::sim
