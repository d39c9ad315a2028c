// Output of commands: a table on a terminal, JSON otherwise.
#pragma once
#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host-adapters/server/cli/api_client.hpp"
#include "host-adapters/server/cli/command.hpp"

namespace lntpay::host {

/// The named members of each row as a table with a header line.
std::string table(const std::vector<nlohmann::json>& rows, const std::vector<std::string>& columns);

/// Prints the API's response: on a terminal as a table of `columns`, otherwise its JSON. An error goes to standard error. Returns
/// the exit code.
Exit show(const std::expected<ApiAnswer, std::string>& answer, const std::vector<std::string>& columns);

/// Prints `why` to standard error; returns `exit`.
Exit fails(Exit exit, const std::string& why);

}  // namespace lntpay::host
