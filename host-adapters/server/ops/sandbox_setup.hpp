// What `serve --sandbox` makes once: a workspace, its keys, and a file that scripts can source.
#pragma once
#include <expected>
#include <string>

#include "host-adapters/server/engine/resident_host.hpp"

namespace lntpay::host {

struct SandboxKeys {
  std::string workspace;
  std::string test_key;
  std::string live_key;
};

/// Reads `data`/sandbox.env, or makes a workspace through the operator's route and writes it, mode 0600.
std::expected<SandboxKeys, std::string> prepare_sandbox(ResidentHost& host);

/// The API's URL, the key, and three lines to paste into a shell.
std::string sandbox_welcome(const std::string& base_url, const SandboxKeys& keys);

}  // namespace lntpay::host
