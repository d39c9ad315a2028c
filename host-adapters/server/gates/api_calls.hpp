// Calls of this server's own API with a key, for what a gates file keeps in the workspace.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>

#include "host-adapters/server/proxy/ask_engine.hpp"

namespace lntpay::host {

/// Why something failed, for the operator: without a full stop.
struct LoadError {
  std::string reason;
  bool is_passing = false;  ///< it may succeed later without a change
};

class ApiCalls {
 public:
  ApiCalls(boost::asio::io_context& io, SubmitInput submit, std::string api_key)
      : io_(io), submit_(std::move(submit)), api_key_(std::move(api_key)) {}

  /// Without the key. After 409, 429 and 503 the call is made again, for about 12 s in all.
  boost::asio::awaitable<Response> call(Request request);
  /// With the key: the object in a 2xx response. `idempotency_key`: empty where repeating the call does no harm.
  boost::asio::awaitable<std::expected<nlohmann::json, LoadError>> object(std::string method, std::string target,
                                                                          std::string body = {}, std::string idempotency_key = {});

 private:
  boost::asio::io_context& io_;
  SubmitInput submit_;
  std::string api_key_;
};

/// What a response without the expected object reports: "503 The store is not available". Pure.
LoadError error_in(const Response& response);

}  // namespace lntpay::host
