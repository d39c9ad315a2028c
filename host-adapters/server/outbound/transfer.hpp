// One outbound exchange over a libcurl handle: from the request that the engine asked for to the reply that it gets.
#pragma once
#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host-adapters/server/outbound/fetching.hpp"
#include "host-adapters/server/outbound/upstream.hpp"

namespace lntpay::host {

class CurlTransfer {
 public:
  using Clock = std::chrono::steady_clock;

  /// The deadline counts from here. `upstream` is that of the configured name, null for others.
  CurlTransfer(Outgoing asked, Fetching::Done done, std::size_t head_bytes_max, const Upstream* upstream);
  /// From now on lines of a good answer go to `line` as they come and there is no deadline, while anybody holds `open`.
  void make_stream(Streaming::Line line, std::weak_ptr<void> open);
  /// The same for head and body of any answer, as they come.
  void make_passage(std::function<void(const Response&)> head, std::function<void(std::string)> piece, std::weak_ptr<void> open);
  [[nodiscard]] bool is_unwanted() const { return has_no_deadline() && open_.expired(); }
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  /// The URL's host as libcurl understands it, without brackets; what the request cannot be sent for otherwise.
  [[nodiscard]] std::expected<std::string, std::string> host();
  [[nodiscard]] const std::string& url() const { return url_; }
  /// Whether the operator named the server, so that no rule of egress is asked.
  [[nodiscard]] bool is_configured() const { return upstream_ != nullptr; }
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  [[nodiscard]] CURL* handle() const { return easy_.get(); }

  /// Makes the handle ready; it will connect to one of these addresses or to none.
  void set_up(std::vector<std::string> addresses);
  /// What the end of the transfer means.
  [[nodiscard]] Reply result(CURLcode code);
  /// What a transfer that the host ends now has come to.
  [[nodiscard]] Reply broken_off(const std::string& reason);
  void answer(Reply reply);

 private:
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);
  void set_up_tls();
  bool take_lines(std::string_view bytes);
  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  [[nodiscard]] bool has_no_deadline() const { return line_ || piece_; }
  [[nodiscard]] Reply partial(const std::string& reason);
  [[nodiscard]] bool has_sent() const;

  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  Outgoing asked_;
  Fetching::Done done_;
  const Upstream* upstream_;
  std::string url_;
  Streaming::Line line_;                       ///< of a stream, else empty
  std::function<void(const Response&)> head_;  ///< of a passage, else empty
  std::function<void(std::string)> piece_;     ///< of a passage, else empty
  std::weak_ptr<void> open_;
  std::size_t head_bytes_max_;
  Clock::time_point deadline_;
  std::string host_;
  std::string port_;
  std::vector<std::string> addresses_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<curl_slist, FreeList> resolve_;

  Response response_;
  bool head_done_ = false;
  bool enough_ = false;  ///< stopped by us: as many lines or bytes as were asked for
  bool refused_address_ = false;
  std::size_t head_bytes_ = 0;
  std::size_t lines_ = 0;
  std::unique_ptr<CURL, FreeEasy> easy_;  ///< the last member: it must not call back into ones that are gone
};

}  // namespace lntpay::host
