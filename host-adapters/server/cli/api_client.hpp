// A blocking client of the API, configured by the environment: LNTPAY_BASE_URL, and a key or token.
#pragma once
#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>

namespace lntpay::host {

struct ApiAnswer {
  long status = 0;
  std::string text;     ///< as received
  nlohmann::json body;  ///< null unless the text is JSON
};

class ApiClient {
 public:
  /// The error names the missing variable.
  static std::expected<ApiClient, std::string> from_environment(const char* token_variable = "LNTPAY_API_KEY");

  /// `path` is relative to /v1, such as "/api_keys"; `idempotency_key` empty: none. The error is the reason why there is no
  /// response.
  [[nodiscard]] std::expected<ApiAnswer, std::string> call(const std::string& method, const std::string& path,
                                                           const nlohmann::json& body = nullptr,
                                                           const std::string& idempotency_key = {}) const;

 private:
  std::string url_;  ///< ends in /v1
  std::string key_;
};

}  // namespace lntpay::host
