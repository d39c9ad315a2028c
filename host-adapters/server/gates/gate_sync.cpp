// The plan is a comparison of JSON; its steps are ordinary calls of the API.
#include "host-adapters/server/gates/gate_sync.hpp"

#include <array>
#include <cstdint>
#include <format>
#include <iterator>

#include "core/gate/gate.hpp"
#include "host-adapters/server/gates/named_gates.hpp"
#include "host-adapters/server/ops/moments.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using Ids = std::map<std::string, std::string>;

/// What of `wanted` differs in a gate.
json differing_terms(const json& gate, const json& wanted) {
  auto change = json::object();
  for (const auto& [name, value] : wanted.items())
    if (!gate.contains(name) || gate[name] != value) change[name] = value;
  return change;
}

json without_nulls(json body) {
  for (auto member = body.begin(); member != body.end();) member = member->is_null() ? body.erase(member) : std::next(member);
  return body;
}

/// A repeated call with the same key creates no second gate.
std::string new_idempotency_key() {
  std::array<std::uint64_t, 2> random{};
  fill_random(random.data(), sizeof(random));
  return std::format("gates-file-{:016x}{:016x}", random[0], random[1]);
}

LoadError with_place(std::string place, LoadError error) { return {std::move(place) + error.reason, error.is_passing}; }

asio::awaitable<std::expected<Ids, LoadError>> keep_gates(ApiCalls& api, const std::vector<json>& kept) {
  const auto listed = co_await api.object("GET", "/v1/gates?limit=" + std::to_string(gates_max));
  if (!listed) co_return std::unexpected(with_place("the workspace's gates cannot be read: ", listed.error()));
  auto steps = plan_gates(listed->value("data", json::array()), kept);
  if (!steps) co_return std::unexpected(LoadError{steps.error()});
  for (const auto& body : steps->create) {
    const auto name = body["name"].get<std::string>();
    const auto made = co_await api.object("POST", "/v1/gates", body.dump(), new_idempotency_key());
    if (!made) co_return std::unexpected(with_place("the gate \"" + name + "\" cannot be created: ", made.error()));
    steps->ids[name] = made->value("id", "");
  }
  for (const auto& [id, body] : steps->change) {
    const auto changed = co_await api.object("PATCH", "/v1/gates/" + id, body.dump());
    if (!changed) co_return std::unexpected(with_place("the gate " + id + " cannot be changed: ", changed.error()));
  }
  co_return std::move(steps->ids);
}

/// Each gate that the file names by id exists, and covers its entries.
asio::awaitable<std::expected<void, LoadError>> check_named_gates(ApiCalls& api, const GatesFile& file) {
  for (const auto& service : file.services) {
    for (const auto& price : service.prices) {
      if (price.gate.empty()) continue;
      for (auto& request : coverage_requests(price)) {
        const auto response = co_await api.call(std::move(request));
        if (auto error = coverage_error(price, response)) co_return std::unexpected(LoadError{*std::move(error)});
        if (const auto failed = error_in(response); failed.is_passing)
          co_return std::unexpected(with_place(price.path_in_file + ".gate: " + price.gate + " cannot be read: ", failed));
      }
    }
  }
  co_return std::expected<void, LoadError>();
}

}  // namespace

std::expected<GateSteps, std::string> plan_gates(const json& present, const std::vector<json>& kept) {
  GateSteps steps;
  for (const auto& wanted : kept) {
    const auto name = wanted["name"].get<std::string>();
    const json* found = nullptr;
    for (const auto& gate : present) {
      const bool is_closed = gate.contains("closed_at") && !gate["closed_at"].is_null();
      if (is_closed || gate.value("name", "") != name) continue;
      if (found != nullptr) {
        return std::unexpected("the workspace has two gates with the name \"" + name +
                               "\". Rename one, or name the gate by its id");
      }
      found = &gate;
    }
    if (found == nullptr) {
      steps.create.push_back(without_nulls(wanted));
      continue;
    }
    const auto id = found->value("id", "");
    steps.ids[name] = id;
    if (auto change = differing_terms(*found, wanted); !change.empty()) steps.change.emplace_back(id, std::move(change));
  }
  const auto all = present.size() + steps.create.size();
  if (all > gates_max) {
    return std::unexpected("the workspace would have " + std::to_string(all) + " gates, and may have " + std::to_string(gates_max) +
                           ". Delete gates that are no longer needed");
  }
  return steps;
}

asio::awaitable<std::expected<Ids, LoadError>> sync_gates(ApiCalls& api, const GatesFile& file) {
  if (const auto checked = co_await check_named_gates(api, file); !checked) co_return std::unexpected(checked.error());
  std::vector<json> kept;
  for (const auto& service : file.services) {
    for (const auto& price : service.prices)
      if (!price.kept_gate.is_null()) kept.push_back(price.kept_gate);
  }
  if (kept.empty()) co_return Ids{};
  co_return co_await keep_gates(api, kept);
}

}  // namespace lntpay::host
