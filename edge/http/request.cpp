// Targets, headers, tokens.
#include "edge/http/request.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/base/integer.hpp"
#include "core/base/utf8.hpp"
#include "core/request/bearer_token.hpp"
#include "core/request/header_line.hpp"
#include "core/storage/row.hpp"
#include "core/webhook/egress/address_class.hpp"

namespace lntpay {
namespace {

/// UTF-8 without control characters.
bool is_clean(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const auto high = i + 1 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
      const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
      if (!high || !low) return std::nullopt;
      out += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  if (!is_clean(out)) return std::nullopt;
  return out;
}

Result<Query> parse_query(std::string_view rest) {
  Query query;
  while (!rest.empty()) {
    auto value = row::cut(rest, '&');
    const auto name = row::cut(value, '=');
    auto decoded_name = decode(name, true);
    auto decoded_value = decode(value, true);
    if (!decoded_name || !decoded_value) return fail(ErrorCode::invalid_request, "The percent-encoding of the query is invalid.");
    if (decoded_name->empty()) return fail(ErrorCode::invalid_request, "A query parameter has no name.");
    if (std::ranges::contains(query, *decoded_name, &Query::value_type::first)) {
      return fail(ErrorCode::invalid_request, "The query has a duplicate parameter. Send each parameter once.",
                  std::move(*decoded_name));
    }
    if (query.size() == query_parameters_max) return fail(ErrorCode::invalid_request, "The query has more than 64 parameters.");
    query.emplace_back(std::move(*decoded_name), std::move(*decoded_value));
  }
  return query;
}

/// The first bytes of an IPv6 address in hex; empty for any other client. An address that maps an IPv4 one is that one's.
std::string v6_network(std::string_view client, std::size_t bytes) {
  constexpr Network mapped{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}}, 96};
  const auto address = parse_ip(client);
  const bool is_v6 = address && client.contains(':') && !mapped.contains(*address);
  return is_v6 ? hex(ByteView(address->bytes).first(bytes)) : std::string();
}

bool is_json_type(std::string_view value) {
  if (!equal_ignoring_case(trimmed(row::cut(value, ';')), "application/json")) return false;
  while (!value.empty()) {
    auto charset = trimmed(row::cut(value, ';'));
    const auto name = row::cut(charset, '=');
    if (!equal_ignoring_case(name, "charset")) return false;
    if (!equal_ignoring_case(charset, "utf-8") && !equal_ignoring_case(charset, "\"utf-8\"")) return false;
  }
  return true;
}

}  // namespace

std::pair<std::string_view, std::string_view> split_target(std::string_view target) {
  const auto path = row::cut(target, '?');
  return {path, target};
}

Result<Target> parse_target(std::string_view target) {
  if (!target.starts_with('/') || target.contains('#'))
    return fail(ErrorCode::invalid_request, "The request target must be a path.");
  const auto [path, raw_query] = split_target(target);
  Target parsed{.raw_path = std::string(path), .raw_query = std::string(raw_query), .segments = {}, .query = {}};
  // Not by row::cut: a trailing slash adds an empty segment.
  for (auto rest = path; !rest.empty();) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    auto segment = decode(rest.substr(0, end), false);
    if (!segment) return fail(ErrorCode::invalid_request, "The percent-encoding of the path is invalid.");
    parsed.segments.push_back(std::move(*segment));
    rest.remove_prefix(end);
  }
  auto query = parse_query(raw_query);
  if (!query) return std::unexpected(std::move(query.error()));
  parsed.query = std::move(*query);
  return parsed;
}

std::optional<std::string_view> header(const Request& request, std::string_view name) {
  for (const auto& line : request.headers) {
    if (line.name == name) return line.value;
  }
  return std::nullopt;
}

Result<std::optional<std::string_view>> only_header(const Request& request, std::string_view name) {
  const auto line = only_line(request.headers, name);
  if (line.several) {
    return fail(ErrorCode::invalid_request, "The header " + std::string(name) + " is duplicated. Send it once.", std::string(name));
  }
  return line.value;
}

std::string_view client_address(const Request& request) {
  const auto address = parse_ip(request.client);
  if (!address || classify(*address) != AddressClass::loopback) return request.client;
  const auto line = header(request, "x-forwarded-for").value_or("");
  const auto last = trimmed(line.substr(line.rfind(',') + 1));
  return parse_ip(last) ? last : std::string_view(request.client);
}

std::string client_of(std::string_view address) {
  constexpr std::size_t network_bytes = 8;
  const auto network = v6_network(address, network_bytes);
  return network.empty() ? std::string(address) : network;
}

std::string client_of(const Request& request) { return client_of(client_address(request)); }

std::string client_network_of(std::string_view address) {
  constexpr std::size_t network_bytes = 6;
  return v6_network(address, network_bytes);
}

Result<> expect_json(const Request& request) {
  const auto coding = header(request, "content-encoding");
  if (coding && !equal_ignoring_case(trimmed(*coding), "identity")) return fail(ErrorCode::unsupported_media_type);
  if (request.body.empty()) return {};
  const auto type = only_header(request, "content-type");
  if (!type || !*type || !is_json_type(**type)) return fail(ErrorCode::unsupported_media_type);
  return {};
}

Millis preferred_wait(const Request& request) {
  constexpr std::string_view wait = "wait=";
  constexpr std::int64_t wait_s_max = 25;
  for (const auto& line : request.headers) {
    if (line.name != "prefer") continue;
    std::string_view rest = line.value;
    while (!rest.empty()) {
      auto items = row::cut(rest, ',');
      const auto preference = trimmed(row::cut(items, ';'));
      if (!preference.starts_with(wait)) continue;
      if (const auto asked = parse_integer<std::uint32_t>(preference.substr(wait.size())))
        return seconds(std::min<std::int64_t>(*asked, wait_s_max));
    }
  }
  return {};
}

std::string_view bearer_token(const Request& request) {
  return bearer_token(only_line(request.headers, "authorization").value.value_or(""));
}

}  // namespace lntpay
