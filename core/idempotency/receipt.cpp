// What a running operation holds.
#include "core/idempotency/receipt.hpp"

#include <cstring>
#include <utility>

#include "core/base/error_json.hpp"
#include "core/crypto/seal.hpp"

namespace lntpay::idempotency {

std::string sealed_in(std::string_view row_key, State state) { return std::string(row_key).append("/").append(name_of(state)); }

DueWork purge_work(const Realm& realm, std::string_view row_key) {
  return {std::string(purge_kind), realm, std::string(row_key.substr(row_key.rfind('/') + 1))};
}

Receipt::Receipt(const Settings& settings, Realm realm, Entry entry, Row row, const Bytes32& seed)
    : settings_(&settings), realm_(std::move(realm)), entry_(std::move(entry)), row_(std::move(row)), seed_(seed) {}

void Receipt::write(Plan& plan, std::string_view body, std::uint16_t status) const {
  auto done = row_;
  done.status = status;
  finish(plan, std::move(done), body);
}

void Receipt::write_made(Plan& plan, std::string_view body, std::string withdrawal) const {
  auto done = row_;
  done.withdrawal = std::move(withdrawal);
  finish(plan, std::move(done), body);
}

void Receipt::finish(Plan& plan, Row done, std::string_view body) const {
  if (!answers()) return;
  done.state = State::done;
  done.sealed = seal(settings_->seal, sealed_in(entry_.key, State::done), bytes_of(body));
  plan.replace_for_good(entry_, to_row(done));
}

void Receipt::write_beyond(Context& cx, Plan& plan, const Realm& next, std::string_view body) const {
  if (!answers()) return;
  const auto key = next.key("idem", std::string_view(entry_.key).substr(entry_.key.rfind('/') + 1));
  auto done = row_;
  done.state = State::done;
  done.sealed = seal(settings_->seal, sealed_in(key, State::done), bytes_of(body));
  plan.put(key, to_row(done));
  plan_due_on_host(cx, plan, purge_work(next, key), done.purge_at);
}

void Receipt::refuse(const Context& cx, Plan& plan, const Error& error) const {
  write(plan, error_json(error, cx.request_id), info(public_code(error.code)).status);
}

void Receipt::pause(Plan& plan) const {
  if (!answers()) return;
  auto paused = row_;
  paused.lease_until = {};
  plan.replace(entry_, to_row(paused));
}

void Receipt::release(Plan& plan) const {
  if (!answers()) return;
  plan.remove(entry_);
  plan.erase(due_key(purge_work(realm_, entry_.key), row_.purge_at));
}

Random Receipt::chance(Context& cx) const {
  const auto seed = empty() ? cx.random.bytes32() : seed_;
  std::array<std::uint64_t, 4> entropy{};
  static_assert(sizeof(entropy) == sizeof(seed));
  std::memcpy(entropy.data(), seed.data(), sizeof(seed));
  // With the key in it: two requests are never taken for one, even where a host hands out the same entropy twice.
  return Random(entropy, "operation " + entry_.key);
}

Result<> Receipt::expect_own(std::string_view drawn) const {
  if (!empty()) return {};
  return fail(ErrorCode::internal_error, "chance repeated itself: drawn twice: " + std::string(drawn));
}

Task<Result<std::string>> answered(Context& cx, Receipt receipt, std::string body, std::optional<std::uint16_t> status) {
  if (!receipt.answers()) co_return body;
  co_return co_await retry([&]() -> Task<Result<std::string>> {
    const auto row = co_await cx.store.get(receipt.entry().key);
    if (row != receipt.entry()) co_return body;
    Plan plan;
    receipt.write(plan, body, status.value_or(receipt.row().status));
    co_await cx.store.commit(std::move(plan));
    co_return body;
  });
}

UnixMillis Receipt::begun_at(const Context& cx) const { return empty() ? cx.now() : row_.created_at; }

}  // namespace lntpay::idempotency
