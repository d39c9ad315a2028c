// One blocking exchange over libcurl.
#include "host-adapters/server/cli/api_client.hpp"

#include <curl/curl.h>

#include <cstdlib>
#include <memory>
#include <utility>

namespace lntpay::host {
namespace {

constexpr const char* url_default = "http://127.0.0.1:8402/v1";
constexpr long time_max_s = 40;  // longer than any long poll

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(bytes, size * count);
  return size * count;
}

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
                                                      const nlohmann::json& body) const {
  const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
  const std::string url = url_ + path;
  const std::string sent = body.is_null() ? std::string() : body.dump();
  std::string received;
  curl_slist* list = curl_slist_append(nullptr, ("Authorization: Bearer " + key_).c_str());
  list = curl_slist_append(list, "Content-Type: application/json");
  const std::unique_ptr<curl_slist, FreeList> headers(list);
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT, time_max_s);
  if (!body.is_null()) curl_easy_setopt(easy.get(), CURLOPT_COPYPOSTFIELDS, sent.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &received);
  if (const CURLcode code = curl_easy_perform(easy.get()); code != CURLE_OK)
    return std::unexpected(url_ + ": " + curl_easy_strerror(code) + ". Check that the server runs, and LNTPAY_BASE_URL");
  ApiAnswer answer;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  answer.body = nlohmann::json::parse(received, nullptr, false);
  if (answer.body.is_discarded()) answer.body = nullptr;
  answer.text = std::move(received);
  return answer;
}

}  // namespace lntpay::host
