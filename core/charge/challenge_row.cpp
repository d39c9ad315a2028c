// The keys of challenges, and the id of the charge that a payment makes.
#include "core/charge/challenge_row.hpp"

#include <cstring>

#include "core/base/encoding.hpp"

namespace lntpay {

Shard challenge_shard(const Bytes32& payment_hash) {
  const unsigned first = unsigned{payment_hash[0]} << 8 | payment_hash[1];
  return Shard::number(first % challenge_shard_count);
}

std::string challenge_prefix(Shard shard) { return std::string(shard.text()).append("/live_challenge/"); }

std::string challenge_key(const TenantScope& tenant, const Bytes32& payment_hash) {
  if (tenant.environment == Environment::test) return tenant.key("challenge", hex(payment_hash));
  return challenge_prefix(challenge_shard(payment_hash)).append(hex(payment_hash));
}

DueWork challenge_work(const TenantScope& tenant, const Bytes32& payment_hash) {
  DueWork work{std::string(challenge_kind), tenant, hex(payment_hash)};
  if (tenant.environment == Environment::live) work.shard = challenge_shard(payment_hash);
  return work;
}

ChargeId challenge_charge_id(const TenantScope& tenant, const Bytes32& payment_hash, UnixMillis settled_at) {
  std::array<std::uint64_t, 4> entropy{};
  static_assert(sizeof(entropy) == sizeof(payment_hash));
  std::memcpy(entropy.data(), payment_hash.data(), sizeof(payment_hash));
  Random random(entropy, "challenge");
  return ChargeId::generate(tenant.shard(), settled_at, random);
}

}  // namespace lntpay
