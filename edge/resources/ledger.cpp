// /v1/balance and /v1/ledger. The objects: core/ledger/ledger_object.hpp.
#include "core/ledger/ledger_export.hpp"
#include "core/ledger/ledger_list.hpp"
#include "core/ledger/ledger_object.hpp"
#include "core/ledger/verification.hpp"
#include "core/operations/money_verification.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace ledger_resource {
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
    {.name = "limit",
     .type = integer,
     .description = "How many rows to check; at most, and by default, 1000, or as many as have a megabyte.",
     .max = 10'000},
};
constexpr std::string_view export_formats[] = {"csv", "jsonl"};
constexpr std::string_view export_media[] = {"text/csv; charset=utf-8", "application/x-ndjson"};
constexpr Field export_query[] = {
    {.name = "format", .type = one_of, .description = "csv (default) or jsonl.", .names = export_formats},
    fields::after_seq,
    {.name = "limit", .type = integer, .description = "How many to return; default: 1000.", .max = scan_limit_max},
};
constexpr auto verification_object = object_of<MoneyProof>(
    kind_member<"ledger_verification">(), member("ok", "Whether every rule holds.", [](const auto& v) { return v.ledger.ok; }),
    member({.name = "entries", .description = "The number of entries verified, from the first.", .min = 0},
           [](const auto& v) { return v.ledger.folded.entries; }),
    member("complete", "Whether these are all entries; if not, continue with `resume`.",
           [](const auto& v) { return v.ledger.complete; }),
    member("resume",
           "seq.hash.available.locked.suspense of the last entry, and the last record that was checked after the entries.",
           [](const auto& v) { return v.ledger.ok ? std::optional(proof_text(v)) : std::nullopt; }),
    member("problem", "The rule that does not hold.",
           [](const auto& v) { return v.ledger.ok ? std::nullopt : std::optional(v.ledger.problem); }),
    member("problem_seq", "The entry at which it does not hold.",
           [](const auto& v) { return v.ledger.ok ? std::nullopt : std::optional(v.ledger.problem_seq); }));
constexpr auto verification_fields = verification_object.fields();

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
  if (!from) co_return bad_resume();
  const auto rows = static_cast<std::uint32_t>(call.query.integer("limit").value_or(verified_rows_max));
  co_return verification_object.text(co_await verify_money(call.cx, call.tenant, *from, rows));
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
};

}  // namespace
}  // namespace ledger_resource

std::span<const Route> resources::ledger() { return ledger_resource::routes; }

}  // namespace lntpay
