// A request's right to have its one effect: held by the operation that runs, ended by its last commit.
//
// Row `{realm}/idem/{hex SHA-256 of the key}`: while the operation runs it holds a seed and a lease; once it is done, the
// answer; both sealed, as secrets are drawn from the one and shown in the other. Everything that the operation draws comes from
// the seed, so that a resumed operation draws the same.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/settings.hpp"
#include "core/effects/context.hpp"
#include "core/effects/due.hpp"
#include "core/workspace/realm.hpp"

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
DueWork purge_work(const Realm& realm, std::string_view row_key);

class Receipt {
 public:
  /// For a request without a key: every operation below does nothing, and chance is fresh.
  Receipt() = default;
  Receipt(const Settings& settings, Realm realm, Entry entry, Row row, const Bytes32& seed);

  /// Puts the answer into the operation's last commit, which must be in the realm's shard. The commit conflicts when the
  /// lease was lost to another.
  void write(Plan& plan, std::string_view body) const { write(plan, body, row_.status); }
  /// As above, for a refusal that is stored and sticky.
  void write(Plan& plan, std::string_view body, std::uint16_t status) const;
  /// As the first, with the key of the withdrawal that was made: the answer is kept at least until that is over.
  void write_made(Plan& plan, std::string_view body, std::string withdrawal) const;
  /// For the operation that begins the realm anew: the answer stands in its next generation as well, where a repeat looks for it.
  void write_beyond(Context& cx, Plan& plan, const Realm& next, std::string_view body) const;
  /// A refusal that is stored: a repeat is answered with the same bytes.
  void refuse(const Context& cx, Plan& plan, const Error& error) const;
  /// Frees the key in the operation's last commit: a repeat runs anew.
  void release(Plan& plan) const;
  /// Ends the lease: whoever asks again goes on.
  void pause(Plan& plan) const;

  /// What the operation draws from, ids and secrets: the same values whenever it is begun anew, also after a crash.
  [[nodiscard]] Random chance(Context& cx) const;
  /// For an operation that finds the row it was to create under an id, or a secret, that it drew: the row is of an earlier run of
  /// the same request. A request without a key has none: chance repeated itself, and the row is another's. Fails with
  /// internal_error.
  [[nodiscard]] Result<> expect_own(std::string_view drawn) const;
  /// When the operation was first begun: the time in its ids.
  [[nodiscard]] UnixMillis begun_at(const Context& cx) const;

  /// For the first part of an operation whose last part answers: draws the same, and writes nothing.
  [[nodiscard]] Receipt for_a_part() const {
    auto part = *this;
    part.answers_ = false;
    return part;
  }
  [[nodiscard]] bool answers() const { return answers_ && !empty(); }

  [[nodiscard]] bool empty() const { return settings_ == nullptr; }
  [[nodiscard]] const Realm& realm() const { return realm_; }
  [[nodiscard]] const Entry& entry() const { return entry_; }
  [[nodiscard]] const Row& row() const { return row_; }

 private:
  void finish(Plan& plan, Row done, std::string_view body) const;

  const Settings* settings_ = nullptr;
  Realm realm_;
  Entry entry_;
  Row row_;
  Bytes32 seed_{};
  bool answers_ = true;
};

/// The end of an operation whose effect is durable and did not bring its answer with it: stores the answer in a commit of its
/// own, and yields it. Where another has the lease by now that one answers for the key. `status`: if not the route's.
Task<Result<std::string>> answered(Context& cx, Receipt receipt, std::string body, std::optional<std::uint16_t> status = {});

}  // namespace lntpay::idempotency
