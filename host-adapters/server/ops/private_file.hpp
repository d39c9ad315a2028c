// Files that hold secrets: written for their owner alone, and refused where anybody else has access.
#pragma once
#include <expected>
#include <filesystem>
#include <string>

namespace lntpay::host {

/// Refuses a file to which its group or others have any access (permission bits 077). The error states the mode found and the
/// command that corrects it, or why the file cannot be inspected.
std::expected<void, std::string> check_private_file(const std::filesystem::path& path);

/// Writes the file with mode 0600 and fsync, atomically: after an error the previous file is unchanged.
std::expected<void, std::string> write_private_file(const std::filesystem::path& path, const std::string& text);

}  // namespace lntpay::host
