// Keeps the gates that a file describes: the workspace has a gate of each name, with the terms of the file. A gate is never
// deleted: what it sold stays valid.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "host-adapters/server/gates/api_calls.hpp"
#include "host-adapters/server/gates/file/gates_file.hpp"

namespace lntpay::host {

/// What the workspace lacks. Bodies of POST /v1/gates and PATCH /v1/gates/{id}.
struct GateSteps {
  std::vector<nlohmann::json> create;
  std::vector<std::pair<std::string, nlohmann::json>> change;  ///< by id; only what differs
  std::map<std::string, std::string> ids;                      ///< by name, of gates that exist
};

/// `present`: the workspace's gates; `kept`: the bodies of the file. Pure. Fails when two gates have the name of a kept one: which
/// of them is meant is not known; and when the workspace would have too many gates.
std::expected<GateSteps, std::string> plan_gates(const nlohmann::json& present, const std::vector<nlohmann::json>& kept);

/// Checks the gates that the file names by id, then takes these steps. Everything that can be refused is checked before the first
/// of them. Yields the id of each kept gate by its name.
boost::asio::awaitable<std::expected<std::map<std::string, std::string>, LoadError>> sync_gates(ApiCalls& api,
                                                                                                const GatesFile& file);

}  // namespace lntpay::host
