// A request's right to have its one effect: held by the operation that runs, ended by its last commit.
//
// Row `{tenant}/idem/{hex SHA-256 of the key}`: while the operation runs it holds a seed and a lease; once it is done, the
// answer; both sealed, as secrets are drawn from the one and shown in the other. Everything that the operation draws comes from
// the seed, so that a resumed operation draws the same.
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
  static constexpr int row_version = 2;
  Bytes32 fingerprint{};
  State state{};
  std::uint64_t holder = 0;  ///< drawn by each claim: tells whose lease it is
  UnixMillis lease_until;
  std::uint16_t status = 0;  ///< of the answer: of success while running
  std::string sealed;        ///< running: the seed; done: the answer's body
  UnixMillis created_at;
  UnixMillis purge_at;
  std::string withdrawal;  ///< done: key of the withdrawal that was made; the row is kept until that is over. Else empty

  auto fields(this auto& self) {
    return std::tie(self.fingerprint, self.state, self.holder, self.lease_until, self.status, self.sealed, self.created_at,
                    self.purge_at, self.withdrawal);
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
  /// For a request without a key: every operation below does nothing, and random is fresh.
  IdempotencyClaim() = default;
  IdempotencyClaim(const Settings& settings, TenantScope tenant, Entry entry, idempotency::Row row, const Bytes32& seed);

  /// Puts the answer into the operation's last commit, which must be in the tenant's shard. The commit conflicts when the
  /// lease was lost to another.
  void write(WriteBatch& batch, std::string_view body) const { write(batch, body, row_.status); }
  /// As above, for a refusal that is stored and sticky.
  void write(WriteBatch& batch, std::string_view body, std::uint16_t status) const;
  /// As the first, with the key of the withdrawal that was made: the answer is kept at least until that is over.
  void write_with_withdrawal(WriteBatch& batch, std::string_view body, std::string withdrawal) const;
  /// For the operation that begins the tenant anew: the answer stands in its next generation as well, where a repeat looks for it.
  void write_for_next_generation(Context& cx, WriteBatch& batch, const TenantScope& next, std::string_view body) const;
  /// A refusal that is stored: a repeat is answered with the same bytes.
  void refuse(const Context& cx, WriteBatch& batch, const Error& error) const;
  /// Frees the key in the operation's last commit: a repeat runs anew.
  void release(WriteBatch& batch) const;
  /// Ends the lease: whoever asks again goes on.
  void pause(WriteBatch& batch) const;

  /// What the operation draws from, ids and secrets: the same values whenever it is begun anew, also after a crash.
  [[nodiscard]] Random random(Context& cx) const;
  /// For an operation that finds the row it was to create under an id, or a secret, that it drew: the row is of an earlier run of
  /// the same request. A request without a key has none: random repeated itself, and the row is another's. Fails with
  /// internal_error.
  [[nodiscard]] Result<> require_earlier_run(std::string_view generated) const;
  /// When the operation was first begun: the time in its ids.
  [[nodiscard]] UnixMillis started_at(const Context& cx) const;

  /// For the first part of an operation whose last part answers: draws the same, and writes nothing.
  [[nodiscard]] IdempotencyClaim without_answer() const {
    auto part = *this;
    part.answers_ = false;
    return part;
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

/// The end of an operation whose effect is durable and did not bring its answer with it: stores the answer in a commit of its
/// own, and yields it. Where another has the lease by now that one answers for the key. `status`: if not the route's.
Task<Result<std::string>> answered(Context& cx, IdempotencyClaim claim, std::string body, std::optional<std::uint16_t> status = {});

}  // namespace lntpay::idempotency
