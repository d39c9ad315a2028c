// Gates: a price on requests. Row `{tenant}/gate/{id}`.
//
// A gate's secret signs its credentials, which are thereby bound to environment, workspace and gate. A new secret (`revoke`)
// invalidates all of them. It never leaves the core.
#pragma once
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/secret.hpp"
#include "core/gate/credential.hpp"
#include "core/gate/terms.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/listing.hpp"

namespace lntpay {

/// When a use is committed: with the check, or by the service (and when its lease expires).
enum class GateCommit : std::uint8_t { at_once, explicitly };
template <>
inline constexpr auto enum_names<GateCommit> = std::to_array<std::string_view>({"at_once", "explicit"});

enum class GateScheme : std::uint8_t { l402, payment };
template <>
inline constexpr auto enum_names<GateScheme> = std::to_array<std::string_view>({"l402", "payment"});

struct Gate {
  static constexpr int row_version = 1;
  GateId id;
  std::string name;
  Msat price;  ///< whole satoshi, which both schemes can express
  RequestMatch match;
  GateMode mode{};
  std::optional<std::uint64_t> uses{};  ///< of a pass, for one payment; none: unlimited until it expires. per_request: 1
  std::uint64_t ttl_s = 0;              ///< of a pass: after the expiry of its invoice
  std::vector<GateScheme> schemes{};    ///< offered by a challenge, in the requested order; not empty
  GateCommit commit{};
  std::string sealed_secret{};
  UnixMillis created_at{};
  std::optional<UnixMillis> revoked_at{};  ///< most recently

  auto fields(this auto& self) {
    return std::tie(self.id, self.name, self.price, self.match.method, self.match.path, self.mode, self.uses, self.ttl_s,
                    self.schemes, self.commit, self.sealed_secret, self.created_at, self.revoked_at);
  }
};

/// Row `{shard}/gate_finder/{id}`: the gate's tenant, for requests without an API key.
struct GateFinder {
  static constexpr int row_version = 1;
  TenantScope tenant;  ///< as of its first generation
  auto fields(this auto& self) { return std::tie(self.tenant.environment, self.tenant.workspace); }
};

inline constexpr std::size_t gates_max = 100;
inline constexpr std::uint64_t gate_ttl_s_default = 3'600;
inline constexpr std::uint64_t gate_ttl_s_max = 31'536'000;
inline constexpr std::uint64_t gate_uses_max = 1'000'000;

std::string gate_key(const TenantScope& tenant, std::string_view id = {});
std::string gate_finder_key(const GateId& id);

/// {"id","object":"gate","name","price_sats","match":{"method","path"},"mode","uses","ttl_seconds","schemes","commit","created_at",
/// "revoked_at","environment"}; `uses` and `ttl_seconds` are null for per_request.
std::string gate_json(const Gate& gate, const TenantScope& tenant);

/// Verified L402 credentials as clients sent them, so that a pass is not verified at every request. Cached with the gate, for
/// seconds. Texts are secrets: they are compared in constant time.
class VerifiedCredentials {
 public:
  [[nodiscard]] const Proof* find(std::string_view authorization) const;
  void keep(std::string_view authorization, Proof proof);

 private:
  struct Known {
    std::string authorization;
    Proof proof;
  };
  std::map<std::size_t, Known> known_;  ///< by a hash of the text
};

/// A gate that a request is checked against.
struct EnteredGate {
  TenantScope tenant;  ///< entered by the session
  Gate gate;
  Secret secret;
  std::shared_ptr<VerifiedCredentials> verified = std::make_shared<VerifiedCredentials>();
};
/// Loads the gate and enters its tenant; both may come from core/gate/cache. Fails with not_found; internal_error when the
/// configured keys do not decrypt the secret.
Task<Result<std::shared_ptr<const EnteredGate>>> enter_gate(Context& cx, GateId id);

std::unexpected<Error> no_such_gate();

/// The fields of a request to create or change a gate; none: unchanged, or the default.
struct GateChange {
  std::optional<std::string> name{};
  std::optional<Msat> price{};
  std::optional<std::string> method{};
  std::optional<std::string> path{};
  std::optional<GateMode> mode{};
  std::optional<std::uint64_t> uses{};
  bool unlimited = false;  ///< removes the limit of uses
  std::optional<std::uint64_t> ttl_s{};
  std::optional<std::vector<GateScheme>> schemes{};
  std::optional<GateCommit> commit{};
};

/// The gate after the change. Pure. Fails with invalid_request: a match that is no `is_gate_match`, uses or a ttl for per_request.
Result<Gate> changed(Gate gate, const GateChange& change);

/// Yields the gate's JSON. Fails with invalid_request; limit_exceeded (gates_max).
Task<Result<std::string>> create_gate(Context& cx, TenantScope tenant, GateChange asked, IdempotencyClaim claim);
Task<Result<Listed<Gate>>> list_gates(Context& cx, TenantScope tenant, Page page);
/// Fails with not_found, as all below.
Task<Result<Gate>> get_gate(Context& cx, TenantScope tenant, GateId id);
/// Applies to new challenges: issued ones keep their terms and price. Fails with invalid_request.
Task<Result<Gate>> change_gate(Context& cx, TenantScope tenant, GateId id, GateChange change);
/// Deletes it and invalidates its credentials. Payments stay credited.
Task<Result<>> delete_gate(Context& cx, TenantScope tenant, GateId id);
/// Rotates the secret, which invalidates all issued credentials. Yields the gate's JSON.
Task<Result<std::string>> revoke_gate(Context& cx, TenantScope tenant, GateId id, IdempotencyClaim claim);

}  // namespace lntpay
