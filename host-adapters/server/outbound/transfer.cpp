// Configuring a libcurl handle and reading its result.
#include "host-adapters/server/outbound/transfer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/base/ascii.hpp"
#include "core/base/integer.hpp"
#include "host-adapters/common/message_utf8.hpp"
#include "host-adapters/server/outbound/resolver.hpp"

namespace lntpay::host {
namespace {

constexpr std::string_view webhook = "webhook";

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK || text == nullptr) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_address(const std::string& host) {
  in6_addr room{};
  return inet_pton(AF_INET, host.c_str(), &room) == 1 || inet_pton(AF_INET6, host.c_str(), &room) == 1;
}

}  // namespace

CurlTransfer::CurlTransfer(Outgoing asked, Fetching::Done done, std::size_t head_bytes_max,
                           std::shared_ptr<const Upstream> upstream)
    : asked_(std::move(asked)),
      done_(std::move(done)),
      upstream_(std::move(upstream)),
      url_(upstream_ == nullptr ? asked_.target : upstream_->url + asked_.target),
      head_bytes_max_(head_bytes_max),
      began_(Clock::now()),
      deadline_(began_ + std::chrono::milliseconds(asked_.timeout_ms)) {}

CurlTransfer::~CurlTransfer() = default;

void CurlTransfer::make_stream(Streaming::Line line, std::weak_ptr<void> open) {
  line_ = std::move(line);
  open_ = std::move(open);
  deadline_ = Clock::time_point::max();
}

void CurlTransfer::make_passage(std::function<void(const Response&)> head, std::function<void(std::string)> piece,
                                std::weak_ptr<void> open) {
  head_ = std::move(head);
  piece_ = std::move(piece);
  open_ = std::move(open);
  deadline_ = Clock::time_point::max();
}

std::expected<std::string, std::string> CurlTransfer::host() {
  if (upstream_ == nullptr && asked_.upstream != webhook)
    return std::unexpected("no upstream \"" + asked_.upstream + "\" is configured");
  if (upstream_ != nullptr && !asked_.target.starts_with('/')) return std::unexpected("not a path");
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, url_.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) return std::unexpected("not a URL");
  const std::string scheme = part(url.get(), CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") return std::unexpected("neither https nor http");
  if (!is_one_line(asked_.target) || !is_one_line(asked_.method)) return std::unexpected("a line break in the request line");
  const auto breaks_out = [](const Header& header) {
    return !is_one_line(header.name) || !is_one_line(header.value) || header.name.find(':') != std::string::npos;
  };
  if (std::ranges::any_of(asked_.headers, breaks_out)) return std::unexpected("a header that breaks out of its line");
  port_ = part(url.get(), CURLUPART_PORT);
  host_ = part(url.get(), CURLUPART_HOST);
  if (host_.starts_with('[') && host_.ends_with(']')) host_ = host_.substr(1, host_.size() - 2);
  if (host_.empty() || port_.empty()) return std::unexpected("a URL without a host");
  return host_;
}

bool CurlTransfer::has_name() const { return !is_address(host_); }

void CurlTransfer::refuse(std::string reason, std::chrono::milliseconds every) {
  refusal_ = std::move(reason);
  const auto now = Clock::now();
  const auto passed = std::chrono::ceil<std::chrono::milliseconds>(now - began_);
  deadline_ = std::min(deadline_, every.count() == 0 ? now : began_ + (passed / every + 1) * every);
}

void CurlTransfer::set_up(std::vector<std::string> addresses, const std::string& roots) {
  addresses_ = std::move(addresses);
  easy_.reset(curl_easy_init());
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail_.data());
  record_presented(easy, presented_);
  if (upstream_ != nullptr) {
    set_up_trust();
  } else if (!roots.empty()) {
    trust_only(roots);
  }
  if (has_no_deadline()) {
    // The stream may be silent for hours: only TCP keepalive detects a lost connection.
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 10L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(asked_.timeout_ms));
  }
  if (asked_.once) {
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  }
  pin_addresses();
  set_up_request();
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
}

/// Replaces libcurl's name resolution by the checked addresses.
void CurlTransfer::pin_addresses() {
  CURL* easy = easy_.get();
  if (!is_address(host_)) {
    std::string pinned = "+" + host_ + ":" + port_ + ":";
    for (const std::string& address : addresses_) pinned += (address == addresses_.front() ? "" : ",") + address;
    resolve_.reset(curl_slist_append(nullptr, pinned.c_str()));
    curl_easy_setopt(easy, CURLOPT_RESOLVE, resolve_.get());
  }
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
}

void CurlTransfer::set_up_request() {
  CURL* easy = easy_.get();
  curl_slist* headers = curl_slist_append(nullptr, "Expect:");
  for (const Header& header : asked_.headers) {
    const std::string line = header.value.empty() ? header.name + ";" : header.name + ": " + header.value;
    headers = curl_slist_append(headers, line.c_str());
  }
  if (upstream_ != nullptr) headers = curl_slist_append(headers, upstream_->header.c_str());
  headers_.reset(headers);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, asked_.method.c_str());
  if (asked_.method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  if (!asked_.body.empty() || asked_.method == "POST" || asked_.method == "PUT" || asked_.method == "PATCH") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(asked_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, asked_.body.data());
  }
}

/// Trusts only the configured certificate, or only the configured key whatever the certificate.
void CurlTransfer::set_up_trust() {
  CURL* easy = easy_.get();
  if (!upstream_->certificate.empty()) trust_only(upstream_->certificate);
  if (!upstream_->public_key.empty()) {
    curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, upstream_->public_key.c_str());
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

void CurlTransfer::trust_only(const std::string& pem) {
  curl_blob blob{.data = const_cast<char*>(pem.data()), .len = pem.size(), .flags = CURL_BLOB_COPY};
  curl_easy_setopt(easy_.get(), CURLOPT_CAINFO_BLOB, &blob);
  curl_easy_setopt(easy_.get(), CURLOPT_CAPATH, nullptr);
}

Reply CurlTransfer::result(CURLcode code) {
  // libcurl takes a connection that is closed within the head for the end of the response.
  if ((code == CURLE_OK || enough_) && head_done_) return Answered{std::move(response_)};
  if (refused_address_) return NotSent{"the address was not checked"};
  return partial(reason_of(code));
}

std::string CurlTransfer::reason_of(CURLcode code) const {
  const bool refused = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_PINNEDPUBKEYNOTMATCH;
  if (refused && presented_ && !presented_->certificate.text.empty())
    return upstream_ == nullptr ? certificate_failure(*presented_) : certificate_refusal(*presented_, *upstream_);
  // A line of the head that libcurl's own limit ends is reported as lack of memory.
  if (head_too_large_ || (code == CURLE_OUT_OF_MEMORY && has_sent() && !head_done_)) return large_head(head_bytes_max_);
  long os_error = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_error);
  return failure_reason({.code = code, .os_error = static_cast<int>(os_error), .detail = detail_.data(), .progress = progress()});
}

Reply CurlTransfer::broken_off(const std::string& reason) { return partial(reason); }

Reply CurlTransfer::expired() {
  if (refusal_) return NotSent{*refusal_};
  return partial(timeout_reason(progress()));
}

Reply CurlTransfer::partial(const std::string& reason) {
  if (head_done_) return Broken{std::move(response_), reason};
  if (has_sent()) return NoAnswer{reason};
  return NotSent{reason};
}

/// libcurl counts the request's bytes when it passes them to the connection: none counted, none sent.
bool CurlTransfer::has_sent() const {
  if (!easy_) return false;
  long bytes = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes);
  curl_off_t uploaded = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &uploaded);
  return bytes > 0 || uploaded > 0 || head_bytes_ > 0;
}

Progress CurlTransfer::progress() const {
  if (head_done_) return Progress::receiving_body;
  if (head_bytes_ > 0) return Progress::receiving_head;
  if (has_sent()) return Progress::awaiting_head;
  long local_port = 0;  // known once TCP is connected
  if (easy_) curl_easy_getinfo(easy_.get(), CURLINFO_LOCAL_PORT, &local_port);
  return local_port == 0 ? Progress::connecting : Progress::in_handshake;
}

void CurlTransfer::answer(Reply reply) {
  if (auto* answered = std::get_if<Answered>(&reply)) make_utf8(answered->response);
  if (auto* broken = std::get_if<Broken>(&reply)) make_utf8(broken->response);
  if (auto* not_sent = std::get_if<NotSent>(&reply)) not_sent->reason = replace_ill_formed(not_sent->reason);
  std::exchange(done_, nullptr)(std::move(reply));
}

std::size_t CurlTransfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  return static_cast<CurlTransfer*>(self)->take_header({bytes, size * count}) ? size * count : 0;
}

std::size_t CurlTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  return static_cast<CurlTransfer*>(self)->take_body({bytes, size * count}) ? size * count : 0;
}

/// The last check: a socket opens only to an address that was checked, whatever made libcurl choose it.
curl_socket_t CurlTransfer::on_open(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (std::ranges::find(transfer.addresses_, numeric_address(&address->addr, address->addrlen)) == transfer.addresses_.end()) {
    transfer.refused_address_ = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool CurlTransfer::take_header(std::string_view line) {
  head_bytes_ += line.size();
  head_too_large_ = head_bytes_ > head_bytes_max_;
  if (head_too_large_) return false;
  if (line.starts_with("HTTP/")) {  // also the head after an interim response
    response_ = {};
    head_done_ = false;
    const auto code = line.substr(std::min(line.find(' '), line.size() - 1) + 1);
    response_.status = parse_integer<std::uint16_t>(code.substr(0, code.find_first_of(" \r\n"))).value_or(0);
    return true;
  }
  if (line == "\r\n" || line == "\n") {
    const bool begins = !head_done_ && response_.status >= 200;
    head_done_ = response_.status >= 200;
    if (begins && head_) head_(response_);
    return true;
  }
  line = line.substr(0, line.find_last_not_of("\r\n") + 1);
  const auto colon = line.find(':');
  if (colon != std::string_view::npos && !head_done_)
    response_.headers.push_back({ascii_lower(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
  return true;
}

/// An incomplete line is kept in the response's body.
bool CurlTransfer::take_lines(std::string_view bytes) {
  for (;;) {
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    if (response_.body.size() + part.size() > asked_.body_limit) return false;
    response_.body += part;
    if (end == std::string_view::npos) return true;
    line_(replace_ill_formed(std::exchange(response_.body, {})));
    bytes.remove_prefix(end + 1);
  }
}

bool CurlTransfer::take_body(std::string_view bytes) {
  constexpr std::uint16_t good = 200;
  if (line_ && response_.status == good) return take_lines(bytes);
  if (piece_) {
    if (open_.expired()) return false;
    piece_(std::string(bytes));
    return true;
  }
  for (const char c : bytes) {
    if (response_.body.size() >= asked_.body_limit) {
      enough_ = true;
      return false;
    }
    response_.body += c;
    if (c == '\n' && asked_.lines > 0 && ++lines_ == asked_.lines) {
      enough_ = true;
      return false;
    }
  }
  return true;
}

}  // namespace lntpay::host
