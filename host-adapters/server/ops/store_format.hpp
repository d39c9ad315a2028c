// Checks that a store's rows are in the format of this version.
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "host-adapters/stores/host_store.hpp"

namespace lntpay::host {

/// Whether this version reads rows of that format: its own or an earlier one.
bool reads_rows_format(std::string_view format);

/// Writes the format into an empty store, and into one of an earlier format that this version reads: its rows stay as they are
/// until they change, and the earlier version then refuses the store. The error is a message for the operator that names `where`.
std::expected<void, std::string> expect_rows_format(Store& store, const std::string& where);

/// Whether the store has a workspace; nullopt: it cannot be read.
std::optional<bool> has_workspaces(Store& store);

}  // namespace lntpay::host
