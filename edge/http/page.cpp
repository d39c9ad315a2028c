// Cursors and envelopes.
#include "edge/http/page.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

// A cursor's bytes: 16 of the HMAC, then `<` or `>` for the direction, then the row's key.
constexpr std::size_t mac_size = 16;

Bytes32 mac_of(const Secret& cursor_key, const ListPlace& place, std::string_view what) {
  const auto line = bytes_of("\n");
  return hmac_sha256(cursor_key.reveal(), {bytes_of("cursor"), line, bytes_of(name_of(place.tenant.environment)), line,
                                           bytes_of(place.tenant.name()), line, bytes_of(place.list), line, bytes_of(what)});
}

/// The key in an authentic cursor.
std::optional<std::string> open_cursor(const Secret& cursor_key, const ListPlace& place, std::string_view cursor, bool reverse) {
  const auto bytes = base64_decode(Base64::url_unpadded, cursor);
  if (!bytes || bytes->size() < mac_size + 2) return std::nullopt;
  const auto given = ByteView(*bytes).first(mac_size);
  const auto what = text_of(ByteView(*bytes).subspan(mac_size));
  const auto right = mac_of(cursor_key, place, what);
  if (!constant_time_equal(given, ByteView(right).first(mac_size))) return std::nullopt;
  if (what.front() != (reverse ? '<' : '>')) return std::nullopt;
  return std::string(what.substr(1));
}

}  // namespace

Result<Page> read_page(const Secret& cursor_key, const ListPlace& place, const Body& query) {
  Page page;
  page.limit = static_cast<std::uint32_t>(query.integer("limit").value_or(page_limit_default));
  page.reverse = query.text("order") != "asc";
  if (const auto cursor = query.text("cursor")) {
    auto after = open_cursor(cursor_key, place, *cursor, page.reverse);
    if (!after) {
      return fail(ErrorCode::invalid_request, "cursor must be a next_cursor of this list, with the same filters and order.",
                  "cursor");
    }
    page.after_key = std::move(*after);
  }
  return page;
}

std::string write_cursor(const Secret& cursor_key, const ListPlace& place, std::string_view after_key, bool reverse) {
  const auto what = std::string(reverse ? "<" : ">").append(after_key);
  const auto mac = mac_of(cursor_key, place, what);
  Bytes bytes(mac.begin(), mac.begin() + mac_size);
  bytes.insert(bytes.end(), what.begin(), what.end());
  return base64(Base64::url_unpadded, bytes);
}

std::string list_json(const ListView& view) { return list_object.text(view); }

std::string page_json(const std::vector<std::string>& items, std::string_view next_cursor) {
  return list_json({.items = items, .has_more = !next_cursor.empty(), .next_cursor = next_cursor});
}

}  // namespace lntpay
