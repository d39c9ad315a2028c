// Checks that a store's rows are in the format of this version.
#pragma once
#include <expected>
#include <optional>
#include <string>

#include "host-adapters/stores/host_store.hpp"

namespace lntpay::host {

/// Writes the format into an empty store. The error is a message for the operator that names `where`.
std::expected<void, std::string> expect_rows_format(Store& store, const std::string& where);

/// Whether the store has a workspace; nullopt: it cannot be read.
std::optional<bool> has_workspaces(Store& store);

}  // namespace lntpay::host
