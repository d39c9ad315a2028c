// The requests of wallets: they have no API key.
#include "core/pay_link/pay_offer.hpp"

#include "core/base/json.hpp"
#include "core/base/utf8.hpp"
#include "core/charge/charge_creation.hpp"
#include "core/crypto/sha256.hpp"
#include "core/pay_link/pay_name.hpp"
#include "core/tenant/enter_tenant.hpp"

namespace lntpay {
namespace {

std::string msats(Msat amount) { return std::to_string(amount.value) + " msat"; }

Result<> check(const PayLink& link, Msat amount, std::string_view comment) {
  if (amount < link.least || amount > link.most) {
    return fail(ErrorCode::invalid_request, "This address takes from " + msats(link.least) + " to " + msats(link.most) + ".",
                "amount");
  }
  if (character_count(comment) > link.comment_length_max) {
    return fail(ErrorCode::invalid_request,
                "The comment is too long. This address takes " + std::to_string(link.comment_length_max) + " characters.",
                "comment");
  }
  return {};
}

std::string charge_metadata(const PayLink& link, std::string_view comment) {
  JsonObject metadata;
  metadata.add("pay_link", link.id.text());
  if (!comment.empty()) metadata.add("comment", comment);
  return metadata.text();
}

}  // namespace

Task<Result<EnteredPayLink>> enter_pay_link(Context& cx, std::string name) {
  if (is_pay_name(name)) {
    const auto held = co_await cx.store.get_all({pay_name_key(Environment::live, name), pay_name_key(Environment::test, name)});
    for (const auto& row : held) {
      if (!row) continue;
      const auto holder = co_await from_row<PayName>(*row);
      auto tenant = co_await enter_tenant(cx, holder.tenant.without_generation());
      auto stored = co_await cx.store.load<PayLink>(pay_link_key(tenant, holder.link.text()));
      if (stored && stored->record.is_active) co_return EnteredPayLink{std::move(tenant), std::move(stored->record)};
    }
  }
  co_return fail(ErrorCode::not_found, "Nobody takes payments at this address. Check its spelling.");
}

std::string pay_metadata(const Settings& settings, const PayLink& link) {
  const auto entry = [](std::string_view type, std::string_view text) { return JsonArray().add(type).add(text).text(); };
  JsonArray metadata;
  metadata.raw(entry("text/plain", link.description.empty() ? link.name : link.description));
  if (const auto address = pay_address(settings, link.name)) metadata.raw(entry("text/identifier", *address));
  return metadata.text();
}

Task<Result<Charge>> charge_for(Context& cx, EnteredPayLink at, Msat amount, std::string comment, GateClientId client) {
  co_await check(at.link, amount, comment);
  co_await take_places(cx, at.tenant, at.link.id.text(), std::move(client), cx.host_now() + seconds(challenge_expires_in_s));
  auto metadata = pay_metadata(cx.settings, at.link);
  const auto hash = sha256(bytes_of(metadata));
  auto made = co_await create_charge(cx, at.tenant,
                                     {.amount = amount,
                                      .description = std::move(metadata),
                                      .description_hash = hash,
                                      .expires_in_s = challenge_expires_in_s,
                                      .external_id = {},
                                      .metadata = charge_metadata(at.link, comment),
                                      .success_url = {},
                                      .webhook_url = {}},
                                     {});
  co_return std::move(made.charge);
}

}  // namespace lntpay
