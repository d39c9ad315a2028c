// One outbound exchange over a libcurl handle, from the engine's request to its reply.
#pragma once
#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host-adapters/server/outbound/certificate.hpp"
#include "host-adapters/server/outbound/failure_reason.hpp"
#include "host-adapters/server/outbound/fetching.hpp"
#include "host-adapters/server/outbound/upstream.hpp"

namespace lntpay::host {

class CurlTransfer {
 public:
  using Clock = std::chrono::steady_clock;

  /// The deadline starts here. `upstream` is the configured one of that name, or null.
  CurlTransfer(Outgoing asked, Fetching::Done done, std::size_t head_bytes_max, std::shared_ptr<const Upstream> upstream);
  /// Passes the lines of a 200 response to `line` as they arrive, without a deadline, until `open` expires.
  void make_stream(Streaming::Line line, std::weak_ptr<void> open);
  /// Passes head and body of any response as they arrive, without a deadline, until `open` expires.
  void make_passage(std::function<void(const Response&)> head, std::function<void(std::string)> piece, std::weak_ptr<void> open);
  [[nodiscard]] bool is_unwanted() const { return has_no_deadline() && open_.expired(); }
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  /// The URL's host as libcurl parses it, without brackets; or the reason why the request cannot be sent.
  [[nodiscard]] std::expected<std::string, std::string> host();
  [[nodiscard]] const std::string& url() const { return url_; }
  /// Whether the URL's host is a name, not an address; after `host`.
  [[nodiscard]] bool has_name() const;
  [[nodiscard]] const std::string& workspace() const { return asked_.workspace; }
  /// Whether the operator configured the server, so that no egress rule applies.
  [[nodiscard]] bool is_configured() const { return upstream_ != nullptr; }
  [[nodiscard]] bool is_webhook() const { return asked_.upstream == "webhook"; }
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  [[nodiscard]] CURL* handle() const { return easy_.get(); }

  /// Ends the exchange unsent for this reason at the next multiple of `every` after its start, so that the latency reveals little
  /// of the cause; 0: at once.
  void refuse(std::string reason, std::chrono::milliseconds every);
  [[nodiscard]] bool is_refused() const { return refusal_.has_value(); }
  /// Prepares the handle; it connects only to these addresses. `roots` (PEM) are trusted where no server is configured; empty: the
  /// system's.
  void set_up(std::vector<std::string> addresses, const std::string& roots);
  /// The reply to a transfer that libcurl ended with `code`.
  [[nodiscard]] Reply result(CURLcode code);
  /// The reply to a transfer that the host ends now.
  [[nodiscard]] Reply broken_off(const std::string& reason);
  /// The reply at the deadline: that of `refuse`, or how far the exchange came in its time.
  [[nodiscard]] Reply expired();
  void answer(Reply reply);

 private:
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);
  void set_up_trust();
  void trust_only(const std::string& pem);
  void pin_addresses();
  void set_up_request();
  bool take_lines(std::string_view bytes);
  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  [[nodiscard]] bool has_no_deadline() const { return line_ || piece_; }
  [[nodiscard]] Reply partial(const std::string& reason);
  [[nodiscard]] bool has_sent() const;
  [[nodiscard]] Progress progress() const;
  [[nodiscard]] std::string reason_of(CURLcode code) const;

  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  Outgoing asked_;
  Fetching::Done done_;
  std::shared_ptr<const Upstream> upstream_;
  std::string url_;
  Streaming::Line line_;                       ///< of a stream, else empty
  std::function<void(const Response&)> head_;  ///< of a passage, else empty
  std::function<void(std::string)> piece_;     ///< of a passage, else empty
  std::weak_ptr<void> open_;
  std::size_t head_bytes_max_;
  Clock::time_point began_;
  Clock::time_point deadline_;
  std::optional<std::string> refusal_;
  std::string host_;
  std::string port_;
  std::vector<std::string> addresses_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<curl_slist, FreeList> resolve_;

  Response response_;
  bool head_done_ = false;
  bool enough_ = false;  ///< ended by us at the requested number of lines or bytes
  bool refused_address_ = false;
  bool head_too_large_ = false;
  std::size_t head_bytes_ = 0;
  std::size_t lines_ = 0;
  std::shared_ptr<Presented> presented_;  ///< null where libcurl does not use OpenSSL
  std::array<char, CURL_ERROR_SIZE> detail_{};
  std::unique_ptr<CURL, FreeEasy> easy_;  ///< last member: destroyed first, because it calls back into the others
};

}  // namespace lntpay::host
