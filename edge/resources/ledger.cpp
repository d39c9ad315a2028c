// /v1/balance and /v1/ledger, and the operator's adjustments. The objects: core/ledger/ledger_object.hpp.
#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/ledger/ledger_export.hpp"
#include "core/ledger/ledger_list.hpp"
#include "core/ledger/ledger_object.hpp"
#include "core/ledger/verification.hpp"
#include "core/operations/adjustment.hpp"
#include "core/withdrawal/withdrawal_verification.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace {

using enum FieldType;
using enum ErrorCode;

constexpr Field list_query[] = {
    limit_field,
    cursor_field,
    order_field,
    {.name = "type", .type = one_of, .description = "Only entries of this type.", .names = enum_names<EntryType>},
    {.name = "reference", .type = text, .description = "Only entries that this charge or withdrawal caused.", .max = 255},
    fields::created_gte,
    fields::created_lt,
    fields::after_seq,
};
constexpr Field verify_query[] = {
    fields::resume,
    {.name = "limit", .type = integer, .description = "How many entries to check; default: 10000.", .max = audit_rows_max},
};
constexpr std::string_view export_formats[] = {"csv", "jsonl"};
constexpr std::string_view export_media[] = {"text/csv; charset=utf-8", "application/x-ndjson"};
constexpr Field export_query[] = {
    {.name = "format", .type = one_of, .description = "csv (default) or jsonl.", .names = export_formats},
    fields::after_seq,
    {.name = "limit", .type = integer, .description = "How many to return; default: 1000.", .max = scan_limit_max},
};
constexpr Field adjust_body[] = {
    {.name = "ticket",
     .type = text,
     .description = "Your own name for the adjustment; a second request with the same ticket returns the first.",
     .required = true,
     .max = 64},
    {.name = "bearer",
     .type = one_of,
     .description = "Who bears the difference: available = the workspace; node = the operator of the node.",
     .required = true,
     .names = enum_names<Bearer>},
    {.name = "amount_msat", .type = msats, .description = "How much closer to zero suspense moves.", .required = true},
    fields::evidence,
};
constexpr ErrorCode adjust_errors[] = {not_found, invalid_state, insufficient_funds};

constexpr auto verification_object = object_of<MoneyProof>(
    kind_member<"ledger_verification">(), member("ok", "Whether every rule holds.", [](const auto& v) { return v.ledger.ok; }),
    member({.name = "entries", .description = "The number of entries verified, from the first.", .min = 0},
           [](const auto& v) { return v.ledger.folded.entries; }),
    member("complete", "Whether these are all entries; if not, continue with `resume`.",
           [](const auto& v) { return v.ledger.complete; }),
    member("resume", "seq.hash.available.locked.suspense of the last entry, and the open withdrawal that is checked next.",
           [](const auto& v) { return v.ledger.ok ? std::optional(proof_text(v)) : std::nullopt; }),
    member("problem", "The rule that does not hold.",
           [](const auto& v) { return v.ledger.ok ? std::nullopt : std::optional(v.ledger.problem); }),
    member("problem_seq", "The entry at which it does not hold.",
           [](const auto& v) { return v.ledger.ok ? std::nullopt : std::optional(v.ledger.problem_seq); }));
constexpr auto verification_fields = verification_object.fields();

bool is_in_tickets(char c) {
  constexpr std::string_view others = "._:/#-";
  const char letter = ascii_lower(c);
  return (c >= '0' && c <= '9') || (letter >= 'a' && letter <= 'z') || others.contains(c);
}

/// A ticket appears in rows, logs and exports in the place of an id, so it must not look like one.
Result<std::string> ticket_of(const Call& call) {
  auto ticket = *call.body.text("ticket");
  const bool plain = !ticket.empty() && std::ranges::all_of(ticket, is_in_tickets);
  if (plain && !ticket.starts_with("wd_") && !ticket.starts_with("ch_")) return ticket;
  return fail(ErrorCode::invalid_request, "ticket may contain letters, digits and . _ : / # - and must not begin with wd_ or ch_.",
              "ticket");
}

Done get_balance(Call& call) { co_return balance_json(co_await read_account(call.cx, call.tenant), call.tenant); }

EntryFilter entry_filter(const Body& query) {
  EntryFilter filter{
      .reference = query.text("reference").value_or(""),
      .created_gte = query.time("created_gte"),
      .created_lt = query.time("created_lt"),
      .after_seq = query.integer("after_seq").value_or(0),
  };
  if (const auto type = query.text("type")) filter.type = from_name<EntryType>(*type);
  return filter;
}

Done list(Call& call) {
  return list_page(
      call, [&call](const Page& page) { return list_entries(call.cx, call.tenant, entry_filter(call.query), page); }, entry_json);
}

Done verify_entries(Call& call) {
  std::optional from{MoneyProof{}};
  if (const auto resume = call.query.text("resume")) from = parse_proof(*resume);
  if (!from) co_return fail(ErrorCode::invalid_request, "resume must be the resume of an earlier response.", "resume");
  const auto rows = static_cast<std::uint32_t>(call.query.integer("limit").value_or(audit_rows_max));
  co_return verification_object.text(co_await audit_money(call.cx, call.tenant, *from, rows));
}

Done export_entries(Call& call) {
  const bool csv = call.query.text("format") != "jsonl";
  const auto after_seq = call.query.integer("after_seq").value_or(0);
  const auto limit = static_cast<std::uint32_t>(call.query.integer("limit").value_or(scan_limit_max));
  const auto entries = co_await read_entries(call.cx, call.tenant, after_seq, limit);
  // Only the first page has the header, so that the concatenated pages are one file.
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

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/v1/balance",
     .summary = "Get the balance",
     .handler = get_balance,
     .scopes = {Scope::ledger_read},
     .answer = balance_fields},
    {.method = "GET",
     .pattern = "/v1/ledger",
     .summary = "List ledger entries",
     .handler = list,
     .scopes = {Scope::ledger_read},
     .query = list_query,
     .answer = ledger_entry_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/ledger/verify",
     .summary = "Verify the ledger",
     .handler = verify_entries,
     .scopes = {Scope::ledger_read},
     .query = verify_query,
     .answer = verification_fields},
    {.method = "GET",
     .pattern = "/v1/ledger/export",
     .summary = "Export the ledger, oldest entry first",
     .handler = export_entries,
     .scopes = {Scope::ledger_read},
     .query = export_query,
     .answer = ledger_entry_fields,
     .media = export_media},
    {.method = "POST",
     .pattern = "/v1/admin/workspaces/{workspace}/adjustments",
     .summary = "Explain an amount in suspense",
     .handler = adjust_ledger,
     .access = Access::operator_token,
     .idempotency = IdempotencyUse::accepted,
     .body = adjust_body,
     .query = fields::environment_query,
     .answer = ledger_entry_fields,
     .errors = adjust_errors},
};

}  // namespace

std::span<const Route> resources::ledger() { return routes; }

}  // namespace lntpay
