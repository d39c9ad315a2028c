// Which headers may be added; sealing and opening their values.
#include "core/webhook/endpoint/custom_headers.hpp"

#include <algorithm>
#include <array>

#include "core/base/ascii.hpp"
#include "core/base/json_reader.hpp"
#include "core/storage/row.hpp"

namespace lntpay {
namespace {

/// Set by LNTPay, by the HTTP client, or meant for the connection (RFC 9110, 7.6.1).
constexpr auto reserved_names =
    std::to_array<std::string_view>({"accept-encoding", "connection", "content-encoding", "content-length", "content-type", "date",
                                     "expect", "forwarded", "host", "http2-settings", "keep-alive", "max-forwards", "te", "trailer",
                                     "transfer-encoding", "upgrade", "user-agent", "via", "x-signature"});
constexpr auto reserved_prefixes = std::to_array<std::string_view>({"proxy-", "sec-", "webhook-", "x-lntpay-"});

bool is_reserved(std::string_view name) {
  return std::ranges::find(reserved_names, name) != reserved_names.end() ||
         std::ranges::any_of(reserved_prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_token(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && name.size() <= header_name_bytes_max &&
         std::ranges::all_of(name, [=](char c) { return is_digit(c) || is_letter(c) || marks.contains(c); });
}

bool is_value(std::string_view value) {
  const bool has_edges = !value.empty() && value.front() != ' ' && value.back() != ' ';
  return has_edges && value.size() <= header_value_bytes_max &&
         std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
}

std::unexpected<Error> refused(std::string message) { return fail(ErrorCode::invalid_request, std::move(message), "headers"); }

std::string context_of(std::string_view endpoint_key, std::string_view name) {
  return std::string(endpoint_key).append("/header/").append(name);
}

}  // namespace

std::optional<CustomHeader> CustomHeader::parse(std::string_view text) {
  CustomHeader header;
  header.name = row::cut(text, '@');
  header.sealed = text;
  if (!is_token(header.name) || header.sealed.empty()) return std::nullopt;
  return header;
}

Result<std::vector<CustomHeader>> seal_headers(const std::string& json, Keyring keys, std::string_view endpoint_key) {
  const auto object = read_json(json);
  if (!object) return std::unexpected(object.error());
  if (object->members.size() > custom_headers_max)
    return refused("headers has more than " + std::to_string(custom_headers_max) + " members.");
  std::vector<CustomHeader> sealed;
  for (const auto& [given, value] : object->members) {
    if (!is_token(given)) return refused("headers has a name that is not a header name of at most 64 characters.");
    auto name = ascii_lower(std::string_view(given));
    if (is_reserved(name)) return refused("The header " + name + " is reserved. Choose another name.");
    if (std::ranges::contains(sealed, name, &CustomHeader::name)) return refused("headers has " + name + " twice.");
    if (value.kind != Json::Kind::text || !is_value(value.text))
      return refused("The value of " + name + " must be text of 1 to 1,024 visible ASCII characters and spaces.");
    auto text = seal(keys, context_of(endpoint_key, name), bytes_of(value.text));
    sealed.push_back({std::move(name), std::move(text)});
  }
  return sealed;
}

Result<std::vector<Header>> open_headers(const std::vector<CustomHeader>& headers, Keyring keys, std::string_view endpoint_key) {
  std::vector<Header> opened;
  for (const auto& [name, sealed] : headers) {
    const auto value = open(keys, context_of(endpoint_key, name), sealed);
    if (!value) return fail(ErrorCode::internal_error, "a header's value cannot be decrypted with the configured keys");
    opened.push_back({name, std::string(value->reveal_text())});
  }
  return opened;
}

}  // namespace lntpay
