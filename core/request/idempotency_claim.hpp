// The claim of an Idempotency-Key: held by the running operation, ended by its last commit.
//
// Row `{tenant}/idem/{hex SHA-256 of the key}`: a seed and a lease while the operation runs, the answer once it is done. Both are
// sealed: secrets are generated from the seed and shown in the answer. All random values of the operation come from the seed, so a
// resumed operation generates the same ones.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/tenant/context.hpp"
#include "core/tenant/due_work.hpp"
#include "core/tenant/settings.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay::idempotency {

enum class State : std::uint8_t { running, done };

}  // namespace lntpay::idempotency

template <>
inline constexpr auto lntpay::enum_names<lntpay::idempotency::State> = std::to_array<std::string_view>({"running", "done"});

namespace lntpay::idempotency {

struct Row {
  static constexpr int row_version = 3;
  Bytes32 fingerprint{};
  State state{};
  std::uint64_t holder = 0;  ///< random, identifies the claim that holds the lease
  UnixMillis lease_until;
  std::uint16_t status = 0;  ///< done: of the answer; running: of success
  std::string sealed;        ///< running: the seed; done: the answer's body
  UnixMillis created_at;
  UnixMillis purge_at;
  std::string withdrawal;  ///< done: the row's key of the withdrawal that was created; kept until that is final. Else empty
  std::string requester;   ///< the id of the API key that made the request; empty: the operator
  std::optional<UnixMillis> purge_seen_at{};  ///< when its purge was first due

  auto fields(this auto& self) {
    return std::tie(self.fingerprint, self.state, self.holder, self.lease_until, self.status, self.sealed, self.created_at,
                    self.purge_at, self.withdrawal, self.requester, self.purge_seen_at);
  }
};

/// The context that a row's sealed field is bound to.
std::string sealed_in(std::string_view row_key, State state);

/// The due work that removes a row.
inline constexpr std::string_view purge_kind = "idem";
DueWork purge_work(const TenantScope& tenant, std::string_view row_key);

}  // namespace lntpay::idempotency

namespace lntpay {

class IdempotencyClaim {
 public:
  /// For a request without a key: writes nothing, and random values are fresh.
  IdempotencyClaim() = default;
  IdempotencyClaim(const Settings& settings, TenantScope tenant, Entry entry, idempotency::Row row, const Bytes32& seed);

  /// Adds the answer to the operation's last commit, which must be in the tenant's shard. The commit conflicts if another session
  /// took the lease.
  void write(WriteBatch& batch, std::string_view body) const { write(batch, body, row_.status); }
  /// As above, with another status.
  void write(WriteBatch& batch, std::string_view body, std::uint16_t status) const;
  /// As the first, with the key of the withdrawal that was created: the answer is kept at least until that is final.
  void write_with_withdrawal(WriteBatch& batch, std::string_view body, std::string withdrawal) const;
  /// For the reset of a sandbox: stores the answer in the next generation too, where a repeated request looks for it.
  void write_for_next_generation(Context& cx, WriteBatch& batch, const TenantScope& next, std::string_view body) const;
  /// Stores a refusal as the answer.
  void refuse(const Context& cx, WriteBatch& batch, const Error& error) const;
  /// Frees the key in the operation's last commit: a repeated request runs again.
  void release(WriteBatch& batch) const;
  /// Ends the lease: a repeated request resumes the operation.
  void pause(WriteBatch& batch) const;

  /// The source of the operation's ids and secrets: the same values in every run of the same request, also after a crash.
  [[nodiscard]] Random random(Context& cx) const;
  /// For an operation that finds a row under an id or secret that it has just generated. With a key, an earlier run of the same
  /// request wrote it. Without one, the randomness has repeated: fails with internal_error.
  [[nodiscard]] Result<> require_earlier_run(std::string_view generated) const;
  /// When the operation was first started: the time in its ids.
  [[nodiscard]] UnixMillis started_at(const Context& cx) const;

  /// For the first of several operations of a request: the same random values, but it writes no answer.
  [[nodiscard]] IdempotencyClaim without_answer() const {
    auto claim = *this;
    claim.answers_ = false;
    return claim;
  }
  [[nodiscard]] bool answers() const { return answers_ && !empty(); }

  [[nodiscard]] bool empty() const { return settings_ == nullptr; }
  [[nodiscard]] const TenantScope& tenant() const { return tenant_; }
  [[nodiscard]] const Entry& entry() const { return entry_; }
  [[nodiscard]] const idempotency::Row& row() const { return row_; }

 private:
  void finish(WriteBatch& batch, idempotency::Row done, std::string_view body) const;

  const Settings* settings_ = nullptr;
  TenantScope tenant_;
  Entry entry_;
  idempotency::Row row_;
  Bytes32 seed_{};
  bool answers_ = true;
};

}  // namespace lntpay

namespace lntpay::idempotency {

/// For an operation whose effect is committed without its answer: stores the answer in a commit of its own and yields it. If
/// another session took the lease, that one stores its answer. `status`: default: the route's.
Task<Result<std::string>> answered(Context& cx, IdempotencyClaim claim, std::string body, std::optional<std::uint16_t> status = {});

}  // namespace lntpay::idempotency
