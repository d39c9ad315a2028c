// States in JSON, and the search from the newest to the oldest.
#include "host-adapters/server/gates/rules/price_history.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>
#include <utility>

#include "core/gate/credential.hpp"
#include "host-adapters/server/gates/rules/host_names.hpp"

namespace lntpay::host {
namespace {

using nlohmann::json;

constexpr std::size_t states_max = 64;
constexpr Millis kept_after_end = hours(24 * 400);  // longer than any credential is valid
constexpr int history_format = 1;

json history_json(const PricedService& service) {
  auto entries = json::array();
  for (const auto& [match, gate] : service.entries)
    entries.push_back({{"method", match.method}, {"path", match.path}, {"gate", gate}});
  return {{"hosts", service.hosts}, {"entries", std::move(entries)}};
}

PricedService service_of(const json& read) {
  PricedService service{.hosts = read.at("hosts").get<std::vector<std::string>>(), .entries = {}};
  for (const auto& entry : read.at("entries")) {
    service.entries.push_back({.match = {entry.at("method").get<std::string>(), entry.at("path").get<std::string>()},
                               .gate = entry.at("gate").get<std::string>()});
  }
  return service;
}

}  // namespace

std::optional<PriceHistory> PriceHistory::parse(const std::string& text) try {
  const auto read = json::parse(text);
  if (read.at("format") != history_format) return std::nullopt;
  PriceHistory history;
  for (const auto& state : read.at("states")) {
    std::vector<PricedService> services;
    for (const auto& service : state.at("services")) services.push_back(service_of(service));
    history.push(UnixMillis{state.at("since_ms").get<std::uint64_t>()}, std::move(services));
  }
  return history;
} catch (const json::exception&) {
  return std::nullopt;
}

std::string PriceHistory::text() const {
  auto states = json::array();
  for (const auto& state : states_) {
    auto services = json::array();
    for (const auto& service : state.services) services.push_back(history_json(service));
    states.push_back({{"since_ms", state.since.value}, {"services", std::move(services)}});
  }
  return json{{"format", history_format}, {"states", std::move(states)}}.dump() + "\n";
}

void PriceHistory::push(UnixMillis since, std::vector<PricedService> services) {
  auto& state = states_.emplace_back(State{.since = since, .services = std::move(services), .lists = {}});
  for (const auto& service : state.services) {
    std::vector<RequestMatch> entries;
    for (const auto& entry : service.entries) entries.push_back(entry.match);
    state.lists.emplace_back(std::move(entries));
  }
}

bool PriceHistory::add(const std::vector<PricedService>& services, UnixMillis now) {
  if (!states_.empty() && states_.back().services == services) return false;
  if (!states_.empty()) now = std::max(now, states_.back().since);  // the clock was set back
  push(now, services);
  while (states_.size() > states_max || (states_.size() > 1 && states_[1].since + kept_after_end < now))
    states_.erase(states_.begin());
  return true;
}

std::string PriceHistory::State::gate_of(std::string_view host, const RequestMatch& resource,
                                         const std::vector<Header>& headers) const {
  const auto service = closest_host(services, &PricedService::hosts, host);
  if (service == services.end()) return {};
  const auto entry = lists[static_cast<std::size_t>(service - services.begin())].find(resource, headers);
  return entry ? service->entries[*entry].gate : std::string();
}

std::vector<FormerGate> PriceHistory::former_gates(std::string_view host_field, const RequestMatch& resource,
                                                   const std::vector<Header>& headers, std::string_view present) const {
  std::vector<FormerGate> found;
  if (!has_former()) return found;
  const auto host = host_name(host_field);
  auto until = states_.back().since;
  for (const auto& state : states_ | std::views::reverse | std::views::drop(1)) {
    auto gate = state.gate_of(host, resource, headers);
    const auto known = std::ranges::find(found, gate, &FormerGate::gate);
    if (known != found.end()) {
      if (known->sold.from == until) known->sold.from = state.since;
    } else if (!gate.empty() && gate != present) {
      found.push_back({std::move(gate), {state.since, until}});
    }
    until = state.since;
  }
  return found;
}

std::set<std::string> PriceHistory::gates() const {
  std::set<std::string> all;
  for (std::size_t i = 0; i + 1 < states_.size(); ++i) {
    for (const auto& service : states_[i].services) {
      for (const auto& entry : service.entries) {
        if (!entry.gate.empty()) all.insert(entry.gate);
      }
    }
  }
  return all;
}

bool presents_credential_of(const std::vector<Header>& headers, std::string_view gate) {
  const auto cookie = "lntpay_" + std::string(gate) + "_";
  const auto has_cookie = [&](const Header& line) { return line.name == "cookie" && line.value.contains(cookie); };
  if (std::ranges::any_of(headers, has_cookie)) return true;
  return std::ranges::any_of(read_credential_headers(headers).credentials, [&](const CredentialText& shown) {
    const auto credential = read_credential(shown);
    return credential && names_gate(*credential, gate);
  });
}

}  // namespace lntpay::host
