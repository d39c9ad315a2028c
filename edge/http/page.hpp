// Lists over HTTP: the query fields of a page, cursors, and the envelope.
//
// A cursor is the last row's key with an HMAC over it, the workspace, the environment and the list: it cannot be forged or used for
// another list. Rows that are added or removed meanwhile do not invalidate it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/base/object.hpp"
#include "core/tenant/listing.hpp"
#include "core/tenant/settings.hpp"
#include "core/tenant/tenant_scope.hpp"
#include "edge/http/schema.hpp"

namespace lntpay {

inline constexpr std::string_view order_names[] = {"asc", "desc"};

/// The query fields of every list; a list's own filters follow them.
inline constexpr Field limit_field{
    .name = "limit", .type = FieldType::integer, .description = "How many to return; default: 20.", .max = page_limit_max};
inline constexpr Field cursor_field{.name = "cursor",
                                    .type = FieldType::text,
                                    .description = "The next_cursor of the previous page.",
                                    .max = 512,
                                    .form = "cursor"};
inline constexpr Field order_field{
    .name = "order", .type = FieldType::one_of, .description = "desc (newest first, the default) or asc.", .names = order_names};

/// One list of one workspace: `list` is the route with its filters.
struct ListPlace {
  TenantScope tenant;
  std::string list;
};

/// Fails with invalid_request (param cursor) for a cursor of another list or order.
Result<Page> read_page(const Secret& cursor_key, const ListPlace& place, const Body& query);

std::string write_cursor(const Secret& cursor_key, const ListPlace& place, std::string_view after_key, bool reverse);

/// The envelope of a list.
struct ListView {
  const std::vector<std::string>& items;
  bool has_more = false;
  std::string_view next_cursor{};                  ///< null when empty
  std::optional<std::uint64_t> next_after_seq{};   ///< of a list that is read by seq: in the place of next_cursor
  std::optional<std::uint64_t> next_before_seq{};  ///< the same, newest first
  std::optional<std::uint64_t> oldest_seq{};       ///< of a list whose oldest objects are pruned

  [[nodiscard]] std::string data() const {
    JsonArray data;
    for (const auto& item : items) data.raw(item);
    return data.text();
  }
};

inline constexpr auto list_object = object_of<ListView>(
    member({.name = "data", .description = "The objects of this page.", .lists = 1},
           [](const auto& v) { return RawJson{v.data()}; }),
    member("has_more", "Whether there are more.", [](const auto& v) { return v.has_more; }),
    member("next_cursor", "The cursor of the next page.",
           [](const auto& v) {
             OnlyWhenGiven<std::optional<std::string_view>> cursor;
             if (!v.next_after_seq && !v.next_before_seq) cursor.value.emplace(null_if_empty(v.next_cursor));
             return cursor;
           }),
    member({.name = "next_after_seq", .description = "Of a list that is read by seq: where to continue.", .min = 0},
           [](const auto& v) { return OnlyWhenGiven<std::uint64_t>{v.next_after_seq}; }),
    member({.name = "next_before_seq", .description = "The same, where the list is read newest first.", .min = 0},
           [](const auto& v) { return OnlyWhenGiven<std::uint64_t>{v.next_before_seq}; }),
    member("oldest_seq", "Of the list of events: the seq of the oldest one that is kept. Those before it were pruned.",
           [](const auto& v) { return OnlyWhenGiven<std::uint64_t>{v.oldest_seq}; }));

inline constexpr auto list_fields = list_object.fields();

std::string list_json(const ListView& view);

/// {"data":[…],"has_more","next_cursor"}; `next_cursor` is null when empty.
std::string page_json(const std::vector<std::string>& items, std::string_view next_cursor);

/// The page of a list; `json_of` writes each record.
template <class T, class Render>
std::string page_json(const Secret& cursor_key, const ListPlace& place, const Page& page, const Listed<T>& listed, Render json_of) {
  std::vector<std::string> items;
  items.reserve(listed.items.size());
  for (const auto& item : listed.items) items.push_back(json_of(item));
  return page_json(items, listed.has_more ? write_cursor(cursor_key, place, listed.last_key, page.reverse) : std::string{});
}

}  // namespace lntpay
