// Pay links: addresses `name@host` that wallets pay with LNURL-pay. Row `{tenant}/pay_link/{id}`.
//
// A name belongs to one link in an environment (core/pay_link/pay_name): the link's row is written first, then the name is taken,
// and a due task repairs what a crash leaves between the two. So a name whose link has no row is free.
#pragma once
#include <optional>
#include <string>

#include "core/request/idempotency_claim.hpp"
#include "core/storage/row.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/listing.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

inline constexpr std::size_t pay_links_max = 100;
inline constexpr std::size_t pay_name_bytes_max = 64;
inline constexpr std::size_t pay_description_bytes_max = 500;
inline constexpr std::uint32_t comment_length_limit = 500;
inline constexpr std::uint32_t comment_length_default = 140;
inline constexpr Msat pay_least_default = 1_sat;
inline constexpr Msat pay_most_default = 1'000'000_sat;

struct PayLink {
  static constexpr int row_version = 1;
  PayLinkId id;
  std::string name;
  std::string description;  ///< what wallets show; empty: the name
  Msat least;
  Msat most;
  std::uint32_t comment_length_max = 0;  ///< in characters; 0: no comments
  bool is_active = true;                 ///< else it takes no payments
  UnixMillis created_at;

  auto fields(this auto& self) {
    return std::tie(self.id, self.name, self.description, self.least, self.most, self.comment_length_max, self.is_active,
                    self.created_at);
  }
};

std::string pay_link_key(const TenantScope& tenant, std::string_view id = {});

/// Small letters, digits and -_. (LUD-16), of which the first is a letter or digit.
bool is_pay_name(std::string_view name);

/// "https://host/.well-known/lnurlp/name", where wallets begin.
std::string pay_link_url(const Settings& settings, std::string_view name);
/// "name@host"; nullopt where the host's URL has a path, which no address can name.
std::optional<std::string> pay_address(const Settings& settings, std::string_view name);

/// nullopt: unchanged, or the default.
struct PayLinkChange {
  std::optional<std::string> description{};
  std::optional<Msat> least{};
  std::optional<Msat> most{};
  std::optional<std::uint32_t> comment_length_max{};
  std::optional<bool> is_active{};
};

/// Yields the link's JSON. Fails with invalid_request; invalid_state when another link has the name; limit_exceeded
/// (pay_links_max).
Task<Result<std::string>> create_pay_link(Context& cx, TenantScope tenant, std::string name, PayLinkChange asked,
                                          IdempotencyClaim claim);
Task<Result<Listed<PayLink>>> list_pay_links(Context& cx, TenantScope tenant, Page page);
/// Fails with not_found, as all below.
Task<Result<Stored<PayLink>>> find_pay_link(Context& cx, TenantScope tenant, PayLinkId id);
/// Fails with invalid_request. Invoices that were made stay as they are.
Task<Result<PayLink>> change_pay_link(Context& cx, TenantScope tenant, PayLinkId id, PayLinkChange change);
/// Its name is free then: the row of the name stays, and names no link. Its charges stay, and their payments are credited.
Task<Result<>> delete_pay_link(Context& cx, TenantScope tenant, PayLinkId id);

/// The due work that takes the name of a link whose creation was cut off, or removes the link when another has the name.
inline constexpr std::string_view pay_link_kind = "pay_link";
Task<Result<>> run_pay_link(Context& cx, std::string key);

std::string pay_link_json(const Settings& settings, const PayLink& link, const TenantScope& tenant);

}  // namespace lntpay
