// The flags that say which node `live` is, and the file that may say it instead: what `serve` and `doctor` share.
#pragma once
#include <string>

#include "host-adapters/server/cli/command.hpp"
#include "host-adapters/server/ops/server_config.hpp"

namespace lntpay::host {

/// Files and addresses only: what is secret is in the files. Flags win over the environment, and that over --config.
void add_node_flags(CLI::App& command, ServeOptions& options);

/// Whether a member of the file that is no flag of this command is an error, or another command's.
enum class Others : std::uint8_t { refused, ignored };

/// A JSON object whose members are the flags without dashes, '_' for '-': {"listen":"0.0.0.0:8402","base_url":…}. Throws
/// CLI::ValidationError.
void read_config_file(CLI::App& command, const std::string& path, Others others);

}  // namespace lntpay::host
