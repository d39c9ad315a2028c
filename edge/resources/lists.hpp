// What list handlers share: reading the page and the filters that a query asks for, and writing the page.
#pragma once
#include "edge/http/page.hpp"
#include "edge/routing/route.hpp"

namespace lntpay {

/// One page of a list. `fetch` takes a Page and returns a Task of its records; `json_of` writes one record.
template <class Fetch, class Write>
Task<Result<std::string>> list_page(Call& call, Fetch fetch, Write json_of) {
  const ListPlace place{call.tenant, call.list};
  const auto page = co_await read_page(call.cx.settings.cursor_key, place, call.query);
  const auto listed = co_await fetch(page);
  co_return page_json(call.cx.settings.cursor_key, place, page, listed, json_of);
}

/// The filter of a query with the fields of `fields::filtered_list_query`: ChargeFilter, WithdrawalFilter.
template <class Filter>
Filter filter_of(const Body& query) {
  Filter filter{
      .external_id = query.text("external_id").value_or(""),
      .payment_hash = query.hex32("payment_hash"),
      .metadata = query.members("metadata"),
      .created_gte = query.time("created_gte"),
      .created_lt = query.time("created_lt"),
  };
  using Status = decltype(filter.status)::value_type;
  if (const auto status = query.text("status")) filter.status = from_name<Status>(*status);
  return filter;
}

/// The answer to a query `fields::resume` that no response contained.
inline std::unexpected<Error> bad_resume() {
  return fail(ErrorCode::invalid_request, "resume must be the resume of an earlier response.", "resume");
}

/// How long a request waits for a final state, with the query `fields::wait_query`.
inline Millis wait_of(const Call& call) { return seconds(static_cast<std::int64_t>(call.query.integer("wait").value_or(0))); }

}  // namespace lntpay
