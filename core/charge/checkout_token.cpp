// Read and written by place: every part has its length.
#include "core/charge/checkout_token.hpp"

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

constexpr std::size_t mac_size = 16;
constexpr std::size_t shard_size = 2;
constexpr std::size_t workspace_size = id_tail_size;
constexpr std::size_t charge_size = id_tail_size - shard_size;  // its shard is the workspace's
constexpr std::size_t said_size = 1 + workspace_size + charge_size;

std::string mac_of(const Settings& settings, std::string_view said) {
  const auto mac = hmac_sha256(settings.gate_key.reveal(), {bytes_of("checkout\n"), bytes_of(said)});
  return base64(Base64::url_unpadded, ByteView(mac).first(mac_size));
}

}  // namespace

std::string checkout_url(const Settings& settings, const TenantScope& tenant, const ChargeId& charge) {
  std::string said(tenant.environment == Environment::live ? "l" : "t");
  said += std::string_view(tenant.workspace.text()).substr(WorkspaceIdTag::prefix.size());
  said += std::string_view(charge.text()).substr(ChargeIdTag::prefix.size() + shard_size);
  return settings.base_url + "/pay/" + said + mac_of(settings, said);
}

std::optional<CheckoutPlace> parse_checkout_token(const Settings& settings, std::string_view token) {
  if (token.size() < said_size) return std::nullopt;
  const auto said = token.substr(0, said_size);
  if (!constant_time_equal(bytes_of(token.substr(said_size)), bytes_of(mac_of(settings, said)))) return std::nullopt;
  const auto workspace = said.substr(1, workspace_size);
  auto known = WorkspaceId::parse(std::string(WorkspaceIdTag::prefix).append(workspace));
  auto charge = ChargeId::parse(
      std::string(ChargeIdTag::prefix).append(workspace.substr(0, shard_size)).append(said.substr(1 + workspace_size)));
  if (!known || !charge) return std::nullopt;
  return CheckoutPlace{{said.front() == 'l' ? Environment::live : Environment::test, std::move(*known)}, std::move(*charge)};
}

std::optional<Shard> shard_of_checkout(std::string_view token) {
  return token.size() < said_size ? std::nullopt : Shard::parse(token.substr(1, shard_size));
}

}  // namespace lntpay
