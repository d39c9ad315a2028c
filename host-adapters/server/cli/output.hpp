// How commands print: a table on a terminal, JSON when piped.
#pragma once
#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host-adapters/server/cli/api_client.hpp"
#include "host-adapters/server/cli/command.hpp"

namespace lntpay::host {

/// The members of each row, under their names, in columns as wide as they need.
std::string table(const std::vector<nlohmann::json>& rows, const std::vector<std::string>& columns);

/// Prints what the API answered: on a terminal as a table of `columns`, otherwise its JSON. An error object goes to standard
/// error. Returns the exit code that belongs to it.
Exit show(const std::expected<ApiAnswer, std::string>& answer, const std::vector<std::string>& columns);

/// Says on standard error why the command ends so.
Exit fails(Exit exit, const std::string& why);

}  // namespace lntpay::host
