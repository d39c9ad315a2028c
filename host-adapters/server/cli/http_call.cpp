// libcurl's easy interface.
#include "host-adapters/server/cli/http_call.hpp"

#include <curl/curl.h>

#include <memory>

namespace lntpay::host {
namespace {

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

std::expected<HttpAnswer, std::string> http_call(const HttpRequest& request) {
  const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    const auto line = std::string(name).append(": ").append(value);
    list = curl_slist_append(list, line.c_str());
  }
  const std::unique_ptr<curl_slist, FreeList> headers(list);
  HttpAnswer answer;
  curl_easy_setopt(easy.get(), CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(request.time_max.value));
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  if (request.is_direct) curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  if (!request.is_verified) {
    curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (request.body) {
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, request.body->data());
  }
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &answer.text);
  if (const CURLcode code = curl_easy_perform(easy.get()); code != CURLE_OK) return std::unexpected(curl_easy_strerror(code));
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace lntpay::host
