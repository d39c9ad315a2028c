// Whether a store's rows are of this version.
#pragma once
#include <expected>
#include <string>

#include "host-adapters/stores/host_store.hpp"

namespace lntpay::host {

/// Notes the format in an empty store. The error is one sentence for the operator: what the rows in `where` are, and what to do.
std::expected<void, std::string> expect_rows_format(Store& store, const std::string& where);

}  // namespace lntpay::host
