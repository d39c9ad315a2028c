// /v1/charges
#include "core/base/encoding.hpp"
#include "core/charge/charge_creation.hpp"
#include "core/charge/charge_list.hpp"
#include "core/charge/charge_operations.hpp"
#include "core/webhook/egress.hpp"
#include "edge/http/amounts.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {
namespace {

Result<std::string> success_url_of(const Call& call) {
  auto url = call.body.text("success_url").value_or("");
  if (url.empty()) return url;
  const auto read = parse_url(url);
  if (!read) return fail(ErrorCode::invalid_request, read.error(), "success_url");
  if (!read->secure && call.tenant.environment == Environment::live) {
    return fail(ErrorCode::invalid_request, "A live charge goes on to https only.", "success_url");
  }
  return url;
}

}  // namespace

Done create_charge(Call& call) {
  ChargeRequest asked{
      .amount = co_await required_amount_of(call.body, "amount_sats", "amount_msat"),
      .description = call.body.text("description").value_or(""),
      .expires_in_s = static_cast<std::uint32_t>(call.body.integer("expires_in").value_or(600)),
      .external_id = call.body.text("external_id").value_or(""),
      .metadata = call.body.object("metadata").value_or(""),
      .success_url = co_await success_url_of(call),
  };
  if (const auto policy = call.body.text("late_policy")) asked.late_policy = *from_name<LatePolicy>(*policy);
  if (const auto hash = call.body.text("description_hash")) {
    if (!asked.description.empty()) {
      co_return fail(ErrorCode::invalid_request, "Give either description or description_hash.", "description_hash");
    }
    asked.description_hash = hex_decode32(*hash);
  }
  co_return (co_await lntpay::create_charge(call.cx, call.tenant, std::move(asked), call.claim)).json;
}

Done get_charge(Call& call) {
  const auto wait = seconds(static_cast<std::int64_t>(call.query.integer("wait").value_or(0)));
  const auto charge = co_await lntpay::get_charge(call.cx, call.tenant, co_await path_id<ChargeId>(call), wait);
  co_return charge_json(call.cx.settings, charge, call.tenant);
}

Done list_charges(Call& call) {
  ChargeFilter filter{
      .external_id = call.query.text("external_id").value_or(""),
      .created_gte = call.query.time("created_gte"),
      .created_lt = call.query.time("created_lt"),
  };
  if (const auto status = call.query.text("status")) filter.status = from_name<ChargeStatus>(*status);
  const ListPlace place{call.tenant, call.list};
  const auto page = co_await read_page(call.cx.settings.cursor_key, place, call.query);
  const auto listed = co_await lntpay::list_charges(call.cx, call.tenant, std::move(filter), page);
  co_return page_json(call.cx.settings.cursor_key, place, page, listed,
                      [&call](const Charge& charge) { return charge_json(call.cx.settings, charge, call.tenant); });
}

Done cancel_charge(Call& call) {
  co_return co_await lntpay::cancel_charge(call.cx, call.tenant, co_await path_id<ChargeId>(call), call.claim);
}

}  // namespace lntpay::routes
