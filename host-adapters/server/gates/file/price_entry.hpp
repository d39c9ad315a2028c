// An entry of a price list in the file: its match, and the gate that it names or describes.
#pragma once
#include <string>

#include "host-adapters/server/gates/file/file_members.hpp"
#include "host-adapters/server/gates/file/gates_file.hpp"

namespace lntpay::host {

/// Reports to `members` what is wrong. `service`: its name, for the gate's.
Price read_price(FileMembers& members, const std::string& service);

}  // namespace lntpay::host
