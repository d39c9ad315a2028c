// /v1/pay_links. The object: core/pay_link/pay_link_object.hpp; what wallets ask of a link: lnurl_pay.cpp.
#include "core/pay_link/pay_link.hpp"

#include "core/pay_link/pay_link_object.hpp"
#include "edge/http/amounts.hpp"
#include "edge/resources/deleted.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace pay_links_resource {
namespace {

using enum FieldType;

constexpr Field description{.name = "description",
                            .type = text,
                            .description = "What wallets show the payer; default: the name.",
                            .min = 0,
                            .max = pay_description_bytes_max};
constexpr Field min_sats{.name = "min_sats", .type = sats, .description = "The least that a wallet can pay; default: 1 sat."};
constexpr Field min_msat{.name = "min_msat", .type = msats, .description = "The same in millisatoshi.", .instead_of = "min_sats"};
constexpr Field max_sats{
    .name = "max_sats", .type = sats, .description = "The most that a wallet can pay; default: 1,000,000 sat."};
constexpr Field max_msat{.name = "max_msat", .type = msats, .description = "The same in millisatoshi.", .instead_of = "max_sats"};
constexpr Field comment_length_max{
    .name = "comment_length_max",
    .type = integer,
    .description =
        "The longest comment that a payer can send, in characters; default: 140; 0: none. It is in the charge's metadata.",
    .min = 0,
    .max = comment_length_limit};
constexpr Field active{.name = "active", .type = boolean, .description = "false: the address takes no payments; default: true."};

constexpr Field create_body[] = {
    {.name = "name",
     .type = text,
     .description = "The part of the address before the @: small letters, digits and -_. It belongs to one link of the host.",
     .required = true,
     .max = pay_name_bytes_max,
     .form = "pay_name"},
    description,
    min_sats,
    min_msat,
    max_sats,
    max_msat,
    comment_length_max,
    active,
};
constexpr Field change_body[] = {description, min_sats, min_msat, max_sats, max_msat, comment_length_max, active};

Result<PayLinkChange> change_in(const Body& body) {
  const auto least = amount_of(body, "min_sats", "min_msat");
  if (!least) return std::unexpected(least.error());
  const auto most = amount_of(body, "max_sats", "max_msat");
  if (!most) return std::unexpected(most.error());
  const auto length = body.integer("comment_length_max");
  return PayLinkChange{.description = body.text("description"),
                       .least = *least,
                       .most = *most,
                       .comment_length_max = length.transform([](auto value) { return static_cast<std::uint32_t>(value); }),
                       .is_active = body.flag("active")};
}

std::string json_of(const Call& call, const PayLink& link) { return pay_link_json(call.cx.settings, link, call.tenant); }

Done create(Call& call) {
  auto asked = co_await change_in(call.body);
  co_return co_await create_pay_link(call.cx, call.tenant, *call.body.text("name"), std::move(asked), call.claim);
}

Done list(Call& call) {
  return list_page(
      call, [&call](const Page& page) { return list_pay_links(call.cx, call.tenant, page); },
      [&call](const PayLink& link) { return json_of(call, link); });
}

Done get(Call& call) {
  co_return json_of(call, (co_await find_pay_link(call.cx, call.tenant, co_await path_id<PayLinkId>(call))).record);
}

Done change(Call& call) {
  auto asked = co_await change_in(call.body);
  co_return json_of(call, co_await change_pay_link(call.cx, call.tenant, co_await path_id<PayLinkId>(call), std::move(asked)));
}

Done erase(Call& call) {
  const auto id = co_await path_id<PayLinkId>(call);
  co_await delete_pay_link(call.cx, call.tenant, id);
  co_return deleted_object.text({id.text(), "pay_link"});
}

constexpr ErrorCode create_errors[] = {ErrorCode::limit_exceeded, ErrorCode::invalid_state};

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/pay_links",
     .summary = "Create a pay link: an address that every wallet can pay",
     .handler = create,
     .scopes = {Scope::charges_write},
     .idempotency = IdempotencyUse::accepted,
     .body = create_body,
     .success = 201,
     .answer = pay_link_fields,
     .errors = create_errors},
    {.method = "GET",
     .pattern = "/v1/pay_links",
     .summary = "List pay links",
     .handler = list,
     .scopes = {Scope::charges_read},
     .query = fields::page,
     .answer = pay_link_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/pay_links/{pay_link}",
     .summary = "Get a pay link",
     .handler = get,
     .scopes = {Scope::charges_read},
     .answer = pay_link_fields,
     .errors = errors::missing},
    {.method = "PATCH",
     .pattern = "/v1/pay_links/{pay_link}",
     .summary = "Change a pay link, for future invoices",
     .handler = change,
     .scopes = {Scope::charges_write},
     .body = change_body,
     .answer = pay_link_fields,
     .errors = errors::missing},
    {.method = "DELETE",
     .pattern = "/v1/pay_links/{pay_link}",
     .summary = "Delete a pay link and free its name",
     .handler = erase,
     .scopes = {Scope::charges_write},
     .answer = deleted_fields,
     .errors = errors::missing},
};

}  // namespace
}  // namespace pay_links_resource

std::span<const Route> resources::pay_links() { return pay_links_resource::routes; }

}  // namespace lntpay
