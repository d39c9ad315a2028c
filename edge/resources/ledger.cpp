// /v1/balance, /v1/ledger
#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/json.hpp"
#include "core/ledger/ledger_export.hpp"
#include "core/ledger/ledger_list.hpp"
#include "core/operations/adjustment.hpp"
#include "core/withdrawal/withdrawal_verification.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {

namespace {

bool is_in_tickets(char c) {
  constexpr std::string_view others = "._:/#-";
  const char letter = ascii_lower(c);
  return (c >= '0' && c <= '9') || (letter >= 'a' && letter <= 'z') || others.contains(c);
}

/// A ticket stands in rows, logs and exports, where ids stand too.
Result<std::string> ticket_of(const Call& call) {
  auto ticket = *call.body.text("ticket");
  const bool plain = !ticket.empty() && std::ranges::all_of(ticket, is_in_tickets);
  if (plain && !ticket.starts_with("wd_") && !ticket.starts_with("ch_")) return ticket;
  return fail(ErrorCode::invalid_request, "A ticket has letters, digits and . _ : / # - and does not begin with wd_ or ch_.",
              "ticket");
}

}  // namespace

Done get_balance(Call& call) { co_return balance_json(co_await read_account(call.cx, call.tenant), call.tenant); }

Done list_ledger(Call& call) {
  EntryFilter filter{
      .reference = call.query.text("reference").value_or(""),
      .created_gte = call.query.time("created_gte"),
      .created_lt = call.query.time("created_lt"),
      .after_seq = call.query.integer("after_seq").value_or(0),
  };
  if (const auto type = call.query.text("type")) filter.type = from_name<EntryType>(*type);
  const ListPlace place{call.tenant, call.list};
  const auto page = co_await read_page(call.cx.settings.cursor_key, place, call.query);
  const auto listed = co_await list_entries(call.cx, call.tenant, std::move(filter), page);
  co_return page_json(call.cx.settings.cursor_key, place, page, listed, entry_json);
}

Done verify_ledger(Call& call) {
  std::optional from{MoneyProof{}};
  if (const auto resume = call.query.text("resume")) from = parse_proof(*resume);
  if (!from) co_return fail(ErrorCode::invalid_request, "resume must be the resume of an earlier answer.", "resume");
  const auto rows = static_cast<std::uint32_t>(call.query.integer("limit").value_or(verified_rows_max));
  const auto proof = co_await verify_money(call.cx, call.tenant, *from, rows);
  const auto& audit = proof.ledger;
  co_return JsonObject{}
      .add("object", "ledger_verification")
      .add("ok", audit.ok)
      .add("entries", audit.folded.entries)
      .add("complete", audit.complete)
      .add("resume", audit.ok ? std::optional(proof_text(proof)) : std::nullopt)
      .add("problem", audit.ok ? std::nullopt : std::optional(audit.problem))
      .add("problem_seq", audit.ok ? std::nullopt : std::optional(audit.problem_seq))
      .text();
}

Done export_ledger(Call& call) {
  const bool csv = call.query.text("format") != "jsonl";
  const auto after_seq = call.query.integer("after_seq").value_or(0);
  const auto limit = static_cast<std::uint32_t>(call.query.integer("limit").value_or(scan_limit_max));
  const auto entries = co_await read_entries(call.cx, call.tenant, after_seq, limit);
  // So that the pages, one behind the other, are one file.
  std::string text(csv && after_seq == 0 ? csv_header : "");
  for (const auto& entry : entries) text += csv ? entry_csv(entry) : entry_json(entry) + "\n";
  call.headers.push_back({"content-type", csv ? "text/csv; charset=utf-8" : "application/x-ndjson"});
  if (entries.size() == limit) {
    call.headers.push_back({"link", std::string("<?format=") + (csv ? "csv" : "jsonl") + "&limit=" + std::to_string(limit) +
                                        "&after_seq=" + std::to_string(entries.back().seq) + ">; rel=\"next\""});
  }
  co_return text;
}

Done adjust_ledger(Call& call) {
  const auto tenant = co_await named_tenant(call);
  co_return co_await adjust(call.cx, tenant,
                            {.ticket = co_await ticket_of(call),
                             .bearer = *from_name<Bearer>(*call.body.text("bearer")),
                             .amount = *call.body.msats("amount_msat"),
                             .evidence = *call.body.text("evidence")},
                            call.claim);
}

}  // namespace lntpay::routes
