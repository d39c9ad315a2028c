// The flags of the `live` node and the configuration file, shared by `serve`, `doctor` and `node-proxy`.
#pragma once
#include <string>

#include "host-adapters/server/cli/command.hpp"
#include "host-adapters/server/ops/server_config.hpp"

namespace lntpay::host {

/// Flags hold only addresses and file names; secrets are in the files. Precedence: flags, environment, --config.
void add_node_flags(CLI::App& command, ServeOptions& options);

/// How to treat a member of the file that is not a flag of this command.
enum class Others : std::uint8_t { refused, ignored };

/// Reads a JSON object whose members are flags without leading dashes, '_' for '-': {"listen":"0.0.0.0:8402","base_url":…}. Throws
/// CLI::ValidationError.
void read_config_file(CLI::App& command, const std::string& path, Others others);

}  // namespace lntpay::host
