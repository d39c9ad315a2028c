// `lntpay trigger`: makes an event happen in the sandbox.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>

#include "host-adapters/server/cli/event_feed.hpp"
#include "host-adapters/server/cli/output.hpp"
#include "host-adapters/server/cli/trigger_scene.hpp"

namespace lntpay::host {
namespace {

struct TriggerFlags {
  std::string event;
  std::uint64_t amount_sats = 1'000;
};

/// The event with this id or about this object. nullopt: it did not happen in time.
std::optional<FeedEvent> await_event(Scene& scene, std::uint64_t after, const std::string& type, const std::string& id) {
  constexpr std::chrono::seconds time_max{30};
  const auto give_up = std::chrono::steady_clock::now() + time_max;
  while (std::chrono::steady_clock::now() < give_up) {
    const auto list = scene.get("/events?limit=100&wait=5&types=" + type + "&after_seq=" + std::to_string(after));
    for (const auto& each : list.at("data")) {
      auto event = event_in(each.dump());
      if (event && (event->id == id || event->object_id == id)) return event;
    }
    after = list.at("next_after_seq").get<std::uint64_t>();
  }
  return std::nullopt;
}

Exit trigger(const TriggerFlags& flags) try {
  const auto client = ApiClient::from_environment();
  if (!client) return fails(Exit::usage, client.error());
  Scene scene(*client, flags.amount_sats);
  if (scene.get("/api_keys/current").at("environment") != "test")
    return fails(Exit::usage, "the key is not of the environment test. Events are triggered in the sandbox only: use a test key");
  const auto newest = scene.get("/events?order=desc&limit=1").at("data");
  const auto after = newest.empty() ? 0 : newest.at(0).at("seq").get<std::uint64_t>();
  const auto id = find_trigger(flags.event)->cause(scene);
  const auto event = await_event(scene, after, flags.event, id);
  if (!event) {
    return fails(Exit::failed, flags.event +
                                   " did not happen within 30 s. Check the sandbox's faults (GET /v1/sandbox), and that the " +
                                   "key may read the event");
  }
  if (isatty(STDOUT_FILENO) != 0) {
    std::printf("%s  %s  seq %llu\n", event->type.c_str(), event->id.c_str(), static_cast<unsigned long long>(event->seq));
  } else {
    nlohmann::ordered_json line{{"event_id", event->id}, {"event_type", event->type}, {"seq", event->seq}, {"object_id", nullptr}};
    if (!event->object_id.empty()) line["object_id"] = event->object_id;
    line["steps"] = scene.steps();
    std::printf("%s\n", line.dump().c_str());
  }
  return Exit::good;
} catch (const TriggerStopped& stopped) {
  return stopped.exit;
}

}  // namespace

void add_trigger(CLI::App& program, Exit& exit) {
  auto flags = std::make_shared<TriggerFlags>();
  CLI::App* command = program.add_subcommand("trigger", "Make an event happen in the sandbox");
  command->add_option("event", flags->event, "The event's type")->required()->check([](const std::string& event) {
    if (find_trigger(event) != nullptr) return std::string();
    return "there is no trigger for " + event + ". There are: " + known_triggers();
  });
  command->add_option("--amount-sats", flags->amount_sats, "The amount of the charge, withdrawal or gate")
      ->check(CLI::Range(1L, 100'000'000L))
      ->capture_default_str();
  command->footer(
      "Events: " + known_triggers() +
      "\n\nCharges, withdrawals, keys and gates are made as an application makes them, so other events happen too; keys and\n"
      "gates are removed again. webhook_endpoint.failing moves the sandbox's clock two and a half days ahead,\n"
      "webhook_endpoint.disabled five. Environment: LNTPAY_API_KEY (a test key with the scopes of the calls), LNTPAY_BASE_URL.");
  command->callback([flags, &exit] { exit = trigger(*flags); });
}

}  // namespace lntpay::host
