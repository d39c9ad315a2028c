// Whether a file has changed since it was read.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

namespace lntpay::host {

/// Modification time and size; equal for a file that has not changed, or is still missing.
inline std::string file_stamp(const std::filesystem::path& path) {
  std::error_code missing;
  const auto time = std::filesystem::last_write_time(path, missing);
  std::string text = missing ? "-" : std::to_string(static_cast<std::int64_t>(time.time_since_epoch().count()));
  const auto size = std::filesystem::file_size(path, missing);
  return text + (missing ? " - " : " " + std::to_string(size) + " ");
}

}  // namespace lntpay::host
