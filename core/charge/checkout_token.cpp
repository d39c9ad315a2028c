// Parts have fixed lengths.
#include "core/charge/checkout_token.hpp"

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

constexpr std::size_t mac_size = 16;
constexpr std::size_t shard_size = 2;
constexpr std::size_t workspace_size = id_tail_size;
constexpr std::size_t charge_size = id_tail_size - shard_size;  // its shard is the workspace's
constexpr std::size_t content_size = 1 + workspace_size + charge_size;
constexpr std::size_t hash_size = 43;
constexpr std::size_t mac_text_size = 22;

constexpr std::string_view for_checkout = "checkout\n";
constexpr std::string_view for_verify = "verify\n";

std::string mac_of(const Settings& settings, std::string_view use, std::string_view content) {
  const auto mac = hmac_sha256(settings.gate_key.reveal(), {bytes_of(use), bytes_of(content)});
  return base64(Base64::url_unpadded, ByteView(mac).first(mac_size));
}

std::string token_of(const Settings& settings, std::string_view use, const TenantScope& tenant, const Charge& charge) {
  std::string content(tenant.environment == Environment::live ? "l" : "t");
  content += std::string_view(tenant.workspace.text()).substr(WorkspaceIdTag::prefix.size());
  const std::string_view id = charge.id.text();
  if (id.empty()) {
    content += base64(Base64::url_unpadded, charge.payment_hash);
  } else {
    content += id.substr(ChargeIdTag::prefix.size() + shard_size);
  }
  return content + mac_of(settings, use, content);
}

std::optional<CheckoutPlace> parse_token(const Settings& settings, std::string_view use, std::string_view token) {
  if (token.size() < content_size + mac_text_size) return std::nullopt;
  const auto content = token.substr(0, token.size() - mac_text_size);
  if (!constant_time_equal(bytes_of(token.substr(content.size())), bytes_of(mac_of(settings, use, content)))) return std::nullopt;
  const auto workspace = content.substr(1, workspace_size);
  const auto name = content.substr(1 + workspace_size);
  auto known = WorkspaceId::parse(std::string(WorkspaceIdTag::prefix).append(workspace));
  if (!known) return std::nullopt;
  CheckoutPlace place{.tenant = {content.front() == 'l' ? Environment::live : Environment::test, std::move(*known)}};
  if (name.size() == hash_size) {
    place.challenge = base64_decode32(Base64::url_unpadded, name);
    return place.challenge ? std::optional(std::move(place)) : std::nullopt;
  }
  auto charge = ChargeId::parse(std::string(ChargeIdTag::prefix).append(workspace.substr(0, shard_size)).append(name));
  if (!charge) return std::nullopt;
  place.charge = std::move(*charge);
  return place;
}

}  // namespace

std::string checkout_url(const Settings& settings, const TenantScope& tenant, const Charge& charge) {
  return settings.base_url + "/pay/" + token_of(settings, for_checkout, tenant, charge);
}

std::optional<CheckoutPlace> parse_checkout_token(const Settings& settings, std::string_view token) {
  return parse_token(settings, for_checkout, token);
}

std::string verify_url(const Settings& settings, const TenantScope& tenant, const Charge& charge) {
  return settings.base_url + "/pay/" + token_of(settings, for_verify, tenant, charge) + "/verify";
}

std::optional<CheckoutPlace> parse_verify_token(const Settings& settings, std::string_view token) {
  return parse_token(settings, for_verify, token);
}

std::optional<Shard> shard_of_checkout(std::string_view token) {
  return token.size() < content_size ? std::nullopt : Shard::parse(token.substr(1, shard_size));
}

}  // namespace lntpay
