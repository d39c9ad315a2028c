// The ledger's code on a host's store, without a host: sessions run one effect at a time.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/crypto/sha256.hpp"
#include "core/ledger/ledger_list.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/ledger/verification.hpp"
#include "core/tenant/context.hpp"
#include "tests/support/host/store_reply.hpp"

namespace lntpay::test {

/// Inside a batch. A wait ends at once.
inline Reply perform(host::Store& store, const Effect& effect) { return store_reply(store, effect).value_or(Woken{}); }

/// One workspace; a client of it is used by one thread.
class LedgerClient {
 public:
  using Answer = std::function<Reply(const Effect&)>;

  LedgerClient(std::uint64_t number, Answer answer) : answer_(std::move(answer)), random_({number, 2, 3, 4}) {}

  /// Posts once; false if it was posted before.
  Result<bool> post(const std::string& cause, Transfer transfer) {
    transfer.id = Sha256{}.update(bytes_of(cause)).finish();
    transfer.reference = cause;
    return run<bool>([&](Context& cx) { return post_once(cx, tenant(), transfer); });
  }
  Result<Verification> verify() {
    return run<Verification>([](Context& cx) { return verify_entries(cx, tenant(), {}, verified_rows_max); });
  }
  Result<std::vector<LedgerEntry>> entries() {
    return run<std::vector<LedgerEntry>>([](Context& cx) { return read_entries(cx, tenant(), 0, scan_limit_max); });
  }

 private:
  static TenantScope tenant() {
    Random random({1, 1, 1, 1});
    return {Environment::test, WorkspaceId::generate(Shard::number(7), UnixMillis{1}, random)};
  }

  static Task<Result<bool>> post_once(Context& cx, TenantScope tenant, Transfer transfer) {
    co_return co_await retry([&]() -> Task<Result<bool>> {
      if (co_await cx.store.get(transfer_key(tenant, transfer.id))) co_return false;
      auto unit = co_await UnitOfWork::load(cx, tenant);
      co_await unit.post(transfer);
      co_await unit.commit();
      co_return true;
    });
  }

  template <class T, class Operation>
  Result<T> run(Operation operation) {
    Seam seam(UnixMillis{1'770'000'000'000});
    Context cx(seam, random_, settings_);
    auto task = operation(cx);
    task.start(seam);
    while (seam.waiting()) {
      std::vector<Reply> replies;
      for (const auto& effect : seam.take_effects()) replies.push_back(answer_(effect));
      seam.answer(UnixMillis{1'770'000'000'000}, std::move(replies));
    }
    return std::move(*task.value());
  }

  Answer answer_;
  Random random_;
  Settings settings_;
};

}  // namespace lntpay::test
