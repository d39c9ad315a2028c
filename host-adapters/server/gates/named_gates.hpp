// Gates that a file names by id: each must cover all requests of its entry. A gate shows what it covers by its responses to
// /gate/{id}/authorize, which need no key and change nothing, so the server and `lntpay gate check` find the same.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "edge/contract/contract.hpp"
#include "host-adapters/server/gates/file/gates_file.hpp"

namespace lntpay::host {

/// Requests that the gate of this entry must cover: together they stand for all of the entry.
std::vector<Request> coverage_requests(const Price& price);

/// What the response to one of them shows against the gate, for the operator; nullopt: nothing.
std::optional<std::string> coverage_error(const Price& price, const Response& response);

}  // namespace lntpay::host
