// The operator's adjustments of suspense. The object, a ledger entry: core/ledger/ledger_object.hpp.
#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/ledger/ledger_object.hpp"
#include "core/operations/adjustment.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace adjustments_resource {
namespace {

using enum FieldType;
using enum ErrorCode;

constexpr Field adjust_body[] = {
    {.name = "ticket",
     .type = text,
     .description = "Your own name for the adjustment; a second request with the same ticket returns the first.",
     .required = true,
     .max = 64,
     .form = "ticket"},
    {.name = "bearer",
     .type = one_of,
     .description = "Who bears the difference: available = the workspace; node = the operator of the node.",
     .required = true,
     .names = enum_names<Bearer>},
    {.name = "amount_msat", .type = msats, .description = "How much closer to zero suspense moves.", .required = true},
    fields::evidence,
};
constexpr ErrorCode adjust_errors[] = {not_found, invalid_state, insufficient_funds};

bool is_in_tickets(char c) {
  constexpr std::string_view others = "._:/#-";
  return is_digit(c) || is_letter(c) || others.contains(c);
}

/// A ticket appears in rows, logs and exports in the place of an id, so it must not look like one.
Result<std::string> ticket_of(const Call& call) {
  auto ticket = *call.body.text("ticket");
  const bool plain = !ticket.empty() && std::ranges::all_of(ticket, is_in_tickets);
  if (plain && !ticket.starts_with("wd_") && !ticket.starts_with("ch_")) return ticket;
  return fail(ErrorCode::invalid_request, "ticket may contain letters, digits and . _ : / # - and must not begin with wd_ or ch_.",
              "ticket");
}

Done adjust_suspense(Call& call) {
  const auto tenant = co_await named_tenant(call);
  co_return co_await adjust(call.cx, tenant,
                            {.ticket = co_await ticket_of(call),
                             .bearer = *from_name<Bearer>(*call.body.text("bearer")),
                             .amount = *call.body.msats("amount_msat"),
                             .evidence = *call.body.text("evidence")},
                            call.claim);
}

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/admin/workspaces/{workspace}/adjustments",
     .summary = "Explain an amount in suspense",
     .handler = adjust_suspense,
     .access = Access::operator_token,
     .idempotency = IdempotencyUse::accepted,
     .body = adjust_body,
     .query = fields::environment_query,
     .answer = ledger_entry_fields,
     .errors = adjust_errors},
};

}  // namespace
}  // namespace adjustments_resource

std::span<const Route> resources::adjustments() { return adjustments_resource::routes; }

}  // namespace lntpay
