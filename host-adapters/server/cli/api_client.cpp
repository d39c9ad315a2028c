// Calls of the API.
#include "host-adapters/server/cli/api_client.hpp"

#include <cstdlib>
#include <utility>

#include "host-adapters/server/cli/http_call.hpp"

namespace lntpay::host {
namespace {

constexpr const char* url_default = "http://127.0.0.1:8402/v1";

}  // namespace

std::expected<ApiClient, std::string> ApiClient::from_environment(const char* token_variable) {
  const char* key = std::getenv(token_variable);
  if (key == nullptr || *key == '\0') {
    return std::unexpected(std::string(token_variable) + " is not set. For a sandbox, source data/sandbox.env");
  }
  const char* url = std::getenv("LNTPAY_BASE_URL");
  ApiClient client;
  client.url_ = url != nullptr && *url != '\0' ? url : url_default;
  while (client.url_.ends_with('/')) client.url_.pop_back();
  if (!client.url_.ends_with("/v1")) client.url_ += "/v1";
  client.key_ = key;
  return client;
}

std::expected<ApiAnswer, std::string> ApiClient::call(const std::string& method, const std::string& path,
                                                      const nlohmann::json& body, const std::string& idempotency_key) const {
  HttpRequest request{
      .method = method, .url = url_ + path, .headers = {{"Authorization", "Bearer " + key_}, {"Content-Type", "application/json"}}};
  if (!idempotency_key.empty()) request.headers.push_back({"Idempotency-Key", idempotency_key});
  if (!body.is_null()) request.body = body.dump();
  auto received = http_call(request);
  if (!received) return std::unexpected(url_ + ": " + received.error() + ". Check that the server runs, and LNTPAY_BASE_URL");
  ApiAnswer answer{.status = received->status, .text = {}, .body = nlohmann::json::parse(received->text, nullptr, false)};
  if (answer.body.is_discarded()) answer.body = nullptr;
  answer.text = std::move(received->text);
  return answer;
}

}  // namespace lntpay::host
