// Rows of pay links, and the API operations on them.
#include "core/pay_link/pay_link.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/pay_link/pay_link_object.hpp"
#include "core/pay_link/pay_name.hpp"
#include "core/request/audit_trail.hpp"
#include "core/tenant/due_work.hpp"

namespace lntpay {
namespace {

/// Longer than the request that creates the link.
constexpr Millis creation_lease = minutes(1);

std::unexpected<Error> no_such_link() { return fail(ErrorCode::not_found, "There is no pay link with this id."); }

std::unexpected<Error> name_taken() {
  return fail(ErrorCode::invalid_state, "Another pay link has this name. Choose another name.", "name");
}

/// Pure.
Result<PayLink> changed(PayLink link, const PayLinkChange& change) {
  const auto take = [](auto& field, const auto& asked) {
    if (asked) field = *asked;
  };
  take(link.description, change.description);
  take(link.least, change.least);
  take(link.most, change.most);
  take(link.comment_length_max, change.comment_length_max);
  take(link.is_active, change.is_active);
  if (link.most < link.least) return fail(ErrorCode::invalid_request, "The maximum is below the minimum.", "max_sats");
  return link;
}

/// With an audit note if `act` has an action. A link that is gone is no error.
Task<Result<>> remove_link(Context& cx, TenantScope tenant, PayLinkId id, Act act = {}) {
  return retry([&cx, tenant, id, act]() -> Task<Result<>> {
    const auto row = co_await cx.store.get(pay_link_key(tenant, id.text()));
    if (!row) co_return act.action.empty() ? Result<>() : no_such_link();
    WriteBatch batch;
    batch.remove(*row);
    if (!act.action.empty()) add_audit_note(cx, batch, tenant, act);
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
}

}  // namespace

std::string pay_link_key(const TenantScope& tenant, std::string_view id) { return tenant.key("pay_link/").append(id); }

bool is_pay_name(std::string_view name) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c); };
  const auto is_allowed = [&](char c) { return is_plain(c) || c == '-' || c == '_' || c == '.'; };
  return !name.empty() && name.size() <= pay_name_bytes_max && is_plain(name.front()) && std::ranges::all_of(name, is_allowed);
}

std::string pay_link_url(const Settings& settings, std::string_view name) {
  return std::string(settings.base_url).append("/.well-known/lnurlp/").append(name);
}

std::optional<std::string> pay_address(const Settings& settings, std::string_view name) {
  const std::string_view url = settings.base_url;
  const auto scheme_end = url.find("://");
  if (scheme_end == url.npos || url.find('/', scheme_end + 3) != url.npos) return std::nullopt;
  return std::string(name).append("@").append(url.substr(scheme_end + 3));
}

Task<Result<std::string>> create_pay_link(Context& cx, TenantScope tenant, std::string name, PayLinkChange asked,
                                          IdempotencyClaim claim) {
  if (!is_pay_name(name)) {
    co_return fail(ErrorCode::invalid_request,
                   "The name is invalid. Use up to 64 small letters, digits and -_. with a letter or digit first.", "name");
  }
  auto random = claim.random(cx);
  PayLink fresh{
      .id = PayLinkId::generate(tenant.shard(), claim.started_at(cx), random),
      .name = std::move(name),
      .description = {},
      .least = pay_least_default,
      .most = pay_most_default,
      .comment_length_max = comment_length_default,
      .created_at = cx.now(),
  };
  fresh = co_await changed(std::move(fresh), asked);
  const auto until = cx.host_now() + creation_lease;
  const auto link = co_await retry([&]() -> Task<Result<PayLink>> {
    const auto key = pay_link_key(tenant, fresh.id.text());
    const auto all = co_await cx.store.scan({.prefix = pay_link_key(tenant), .after = {}, .limit = pay_links_max});
    if (const auto own = std::ranges::find(all, key, &Entry::key); own != all.end()) {
      co_await claim.require_earlier_run(fresh.id.text());
      co_return co_await from_row<PayLink>(*own);
    }
    if (all.size() == pay_links_max)
      co_return fail(ErrorCode::limit_exceeded, "This workspace already has 100 pay links, the maximum. Delete one first.");
    WriteBatch batch;
    batch.create_final(key, to_row(fresh));
    add_due_on_host(cx, batch, {std::string(pay_link_kind), tenant, fresh.id.text()}, until);
    add_audit_note(cx, batch, tenant, {"pay_link.create", fresh.id.text()});
    co_await cx.store.commit(std::move(batch));
    co_return fresh;
  });
  if (!co_await take_name(cx, tenant, link.id, link.name)) {
    co_await remove_link(cx, tenant, link.id);
    co_return name_taken();
  }
  auto json = pay_link_json(cx.settings, link, tenant);
  WriteBatch batch;
  batch.erase(due_key({std::string(pay_link_kind), tenant, link.id.text()}, until));
  claim.write(batch, json);
  co_await cx.store.commit(std::move(batch));
  co_return json;
}

Task<Result<>> run_pay_link(Context& cx, std::string key) {
  const auto claimed = co_await claim_record<PayLinkId>(cx, std::move(key), creation_lease);
  const auto stored = co_await cx.store.load<PayLink>(pay_link_key(claimed.tenant, claimed.id.text()));
  if (stored && !co_await take_name(cx, claimed.tenant, claimed.id, stored->record.name))
    co_await remove_link(cx, claimed.tenant, claimed.id);
  co_return co_await attempt(finish_due(cx, claimed.row));
}

Task<Result<Listed<PayLink>>> list_pay_links(Context& cx, TenantScope tenant, Page page) {
  return list_rows<PayLink>(cx, pay_link_key(tenant), std::move(page));
}

Task<Result<Stored<PayLink>>> find_pay_link(Context& cx, TenantScope tenant, PayLinkId id) {
  auto stored = co_await cx.store.load<PayLink>(pay_link_key(tenant, id.text()));
  if (!stored) co_return no_such_link();
  co_return std::move(*stored);
}

Task<Result<PayLink>> change_pay_link(Context& cx, TenantScope tenant, PayLinkId id, PayLinkChange change) {
  return retry([&cx, tenant, id, change]() -> Task<Result<PayLink>> {
    const auto stored = co_await find_pay_link(cx, tenant, id);
    auto link = co_await changed(stored.record, change);
    WriteBatch batch;
    batch.replace(stored.entry, to_row(link));
    add_audit_note(cx, batch, tenant, {"pay_link.change", id.text()});
    co_await cx.store.commit(std::move(batch));
    co_return link;
  });
}

Task<Result<>> delete_pay_link(Context& cx, TenantScope tenant, PayLinkId id) {
  return remove_link(cx, std::move(tenant), id, {"pay_link.delete", id.text()});
}

std::string pay_link_json(const Settings& settings, const PayLink& link, const TenantScope& tenant) {
  return pay_link_object.text({settings, link, tenant});
}

}  // namespace lntpay
