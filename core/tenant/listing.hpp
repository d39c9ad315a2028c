// Pages of a list. Lists are read directly from rows whose keys sort like the list.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/tenant/context.hpp"

namespace lntpay {

inline constexpr std::uint32_t page_limit_default = 20;
inline constexpr std::uint32_t page_limit_max = 100;

struct Page {
  std::uint32_t limit = page_limit_default;
  std::string after_key{};  ///< the last row of the previous page; empty = from the start
  bool reverse = true;      ///< newest first
};

/// Records in list order. `last_key`: `Page::after_key` of the next page.
template <class T>
struct Listed {
  std::vector<T> items;
  bool has_more = false;
  std::string last_key;
};

/// One page of the rows under `prefix`, each parsed as a T.
template <class T>
Task<Result<Listed<T>>> list_rows(Context& cx, std::string prefix, Page page) {
  auto rows = co_await cx.store.scan({std::move(prefix), std::move(page.after_key), page.limit + 1, page.reverse});
  Listed<T> listed;
  listed.has_more = rows.size() > page.limit;
  if (listed.has_more) rows.pop_back();
  listed.items.reserve(rows.size());
  for (const auto& row : rows) listed.items.push_back(co_await from_row<T>(row));
  if (!rows.empty()) listed.last_key = std::move(rows.back().key);
  co_return listed;
}

}  // namespace lntpay
