// The folder of shared test data: LNTPAY_VECTORS, or ../shared/vectors beside the project.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/unit/skipped.hpp"

namespace lntpay::vectors {

/// The parsed file; or nothing, and the test case counts as skipped.
inline std::optional<nlohmann::json> load(const std::string& file) {
  const char* folder = std::getenv("LNTPAY_VECTORS");
  const std::string path = std::string(folder != nullptr ? folder : "../shared/vectors") + "/" + file;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in{std::fopen(path.c_str(), "rb"), std::fclose};
  if (in == nullptr) {
    skip_test_case("no " + path + " (set LNTPAY_VECTORS to the folder of vectors)");
    return std::nullopt;
  }
  return nlohmann::json::parse(in.get());
}

}  // namespace lntpay::vectors
