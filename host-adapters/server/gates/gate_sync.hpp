// Keeps the gates that a file describes: the workspace has a gate of each name, with the terms of the file. A gate is never
// deleted: what it sold stays valid.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <expected>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "host-adapters/server/gates/file/gates_file.hpp"
#include "host-adapters/server/proxy/ask_engine.hpp"

namespace lntpay::host {

/// What the workspace lacks. Bodies of POST /v1/gates and PATCH /v1/gates/{id}.
struct GateSteps {
  std::vector<nlohmann::json> create;
  std::vector<std::pair<std::string, nlohmann::json>> change;  ///< by id; only what differs
  std::map<std::string, std::string> ids;                      ///< by name, of gates that exist
};

/// `present`: the workspace's gates; `kept`: the bodies of the file. Pure. Fails when two gates have the name of a kept one: which
/// of them is meant is not known.
std::expected<GateSteps, std::string> plan_gates(const nlohmann::json& present, const std::vector<nlohmann::json>& kept);

/// Takes these steps through the API with this key, and checks that the gates exist that the file names by id. Yields the id of
/// each kept gate by its name. The error is for the operator.
boost::asio::awaitable<std::expected<std::map<std::string, std::string>, std::string>> sync_gates(boost::asio::io_context& io,
                                                                                                  SubmitInput submit,
                                                                                                  std::string api_key,
                                                                                                  const GatesFile& file);

}  // namespace lntpay::host
