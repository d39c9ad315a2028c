// The folder of shared test data: LNTPAY_VECTORS, or ../shared/vectors beside the project.
#pragma once
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include <doctest/doctest.h>

namespace lntpay::vectors {

/// The file parsed, or nothing with a message that the test was skipped.
inline std::optional<nlohmann::json> load(const std::string& file) {
  const char* folder = std::getenv("LNTPAY_VECTORS");
  const std::string path = std::string(folder != nullptr ? folder : "../shared/vectors") + "/" + file;
  std::ifstream in{path};
  if (!in) {
    MESSAGE("SKIPPED: no ", path, " (set LNTPAY_VECTORS to the folder of vectors)");
    return std::nullopt;
  }
  return nlohmann::json::parse(in);
}

}  // namespace lntpay::vectors
