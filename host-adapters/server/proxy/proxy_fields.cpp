// Names and lists of names.
#include "host-adapters/server/proxy/proxy_fields.hpp"

#include <algorithm>
#include <boost/beast/http/rfc7230.hpp>
#include <utility>

#include "core/base/ascii.hpp"
#include "core/gate/credential_headers.hpp"
#include "host-adapters/server/http/asio.hpp"

namespace lntpay::host {
namespace {

namespace http = boost::beast::http;

/// Fields of one connection (RFC 9110, section 7.6.1), and those that frame a message: each side has its own.
bool is_hop_by_hop(std::string_view name) {
  constexpr std::string_view names[] = {
      "connection",     "keep-alive",         "proxy-connection",   "te", "trailer", "upgrade", "expect", "transfer-encoding",
      "content-length", "proxy-authenticate", "proxy-authorization"};
  return std::ranges::contains(names, name);
}

/// A client cannot remove these by naming them in Connection (RFC 9110, section 7.6.1, allows none of it).
bool is_end_to_end(std::string_view name) {
  return name == "host" || name == "authorization" || name == "cookie" || name == "forwarded" || name.starts_with("x-forwarded-");
}

/// The fields that Connection names belong to it as well.
std::vector<std::string> named_by_connection(const http::fields& fields) {
  std::vector<std::string> names;
  const auto [first, last] = fields.equal_range(http::field::connection);
  for (auto line = first; line != last; ++line) {
    for (const auto name : http::token_list(line->value())) names.push_back(ascii_lower(text_of(name)));
  }
  return names;
}

/// A name as some servers read it: CGI and its successors map every character that is neither letter nor digit to the same one.
std::string spelling_of(std::string_view name) {
  auto spelt = ascii_lower(name);
  std::ranges::replace_if(spelt, [](char c) { return (c < 'a' || c > 'z') && (c < '0' || c > '9'); }, '-');
  return spelt;
}

bool is_ours(std::string_view name) {
  const auto spelt = spelling_of(name);
  return spelt.starts_with("lntpay-") || spelt == "payment-receipt";
}

}  // namespace

std::vector<Header> end_to_end(const http::fields& fields) {
  const auto named = named_by_connection(fields);
  std::vector<Header> kept;
  for (const auto& field : fields) {
    auto name = ascii_lower(text_of(field.name_string()));
    if (is_hop_by_hop(name) || (std::ranges::contains(named, name) && !is_end_to_end(name))) continue;
    kept.push_back({std::move(name), std::string(text_of(field.value()))});
  }
  return kept;
}

void remove_field(std::vector<Header>& headers, std::string_view name) {
  std::erase_if(headers, [&](const Header& header) { return header.name == name; });
}

void remove_ours(std::vector<Header>& headers) {
  std::erase_if(headers, [](const Header& header) { return is_ours(header.name); });
}

void apply_passage(const Passage& passage, std::vector<Header>& request) {
  std::erase_if(request, [&](const Header& line) {
    return std::ranges::contains(passage.remove, spelling_of(line.name), [](const std::string& name) { return spelling_of(name); });
  });
  request.insert(request.end(), passage.add.begin(), passage.add.end());
}

Passage without_credential(Passage passage, const Request& request) {
  for (const auto name : credential_header_names) passage.remove.emplace_back(name);
  for (auto& line : read_credential_headers(request.headers).rest) passage.add.push_back(std::move(line));
  return passage;
}

void set_lines(std::vector<Header>& headers, const std::vector<Header>& lines) {
  for (const auto& line : lines) {
    if (line.name != "set-cookie") remove_field(headers, line.name);
  }
  headers.insert(headers.end(), lines.begin(), lines.end());
}

void add_cors(std::vector<Header>& response, const std::vector<Header>& cors) {
  const bool decided = std::ranges::any_of(response, [](const Header& line) { return line.name.starts_with("access-control-"); });
  if (!decided) response.insert(response.end(), cors.begin(), cors.end());
}

void join_lines(std::vector<Header>& headers, std::string_view name) {
  std::string joined;
  for (const auto& header : headers) {
    if (header.name == name) joined.append(joined.empty() ? "" : ", ").append(header.value);
  }
  remove_field(headers, name);
  if (!joined.empty()) headers.push_back({std::string(name), std::move(joined)});
}

std::string value_of(const std::vector<Header>& headers, std::string_view name) {
  const auto found = std::ranges::find(headers, name, &Header::name);
  return found == headers.end() ? std::string() : found->value;
}

std::string lines_of(const std::vector<Header>& headers) {
  std::string lines;
  for (const auto& [name, value] : headers) lines.append(name).append(": ").append(value).append("\r\n");
  return lines;
}

}  // namespace lntpay::host
