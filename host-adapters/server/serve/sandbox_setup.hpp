// The setup of `serve --sandbox`: a workspace, its keys, and sandbox.env, which scripts can source.
#pragma once
#include <expected>
#include <string>

#include "host-adapters/server/serve/resident_host.hpp"

namespace lntpay::host {

struct SandboxKeys {
  std::string workspace;
  std::string test_key;
  std::string live_key;
};

/// Reads `data`/sandbox.env; creates the workspace through the operator API and writes the file (mode 0600) where it is missing.
std::expected<SandboxKeys, std::string> prepare_sandbox(ResidentHost& host);

/// The text printed at start: API URL, key, and three commands to paste into a shell.
std::string sandbox_welcome(const std::string& base_url, const SandboxKeys& keys);

}  // namespace lntpay::host
