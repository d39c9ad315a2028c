// The API as the command line uses it: LNTPAY_BASE_URL and a key or token from the environment, JSON in and out.
#pragma once
#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>

namespace lntpay::host {

struct ApiAnswer {
  long status = 0;
  std::string text;     ///< as received
  nlohmann::json body;  ///< null when it is not JSON
};

class ApiClient {
 public:
  /// The error names the variable that is missing.
  static std::expected<ApiClient, std::string> from_environment(const char* token_variable = "LNTPAY_API_KEY");

  /// `path` from /v1 on, "/api_keys". The error says why there was no answer.
  [[nodiscard]] std::expected<ApiAnswer, std::string> call(const std::string& method, const std::string& path,
                                                           const nlohmann::json& body = nullptr) const;

 private:
  std::string url_;  ///< ends in /v1
  std::string key_;
};

}  // namespace lntpay::host
