// Writes that end a claim, and the values that a resumed operation generates again.
#include "core/request/idempotency_claim.hpp"

#include <cstring>
#include <utility>

#include "core/base/error_json.hpp"
#include "core/crypto/seal.hpp"

namespace lntpay::idempotency {

std::string sealed_in(std::string_view row_key, State state) { return std::string(row_key).append("/").append(name_of(state)); }

DueWork purge_work(const TenantScope& tenant, std::string_view row_key) {
  return {std::string(purge_kind), tenant, std::string(row_key.substr(row_key.rfind('/') + 1))};
}

}  // namespace lntpay::idempotency

namespace lntpay {

using idempotency::purge_work, idempotency::sealed_in;

IdempotencyClaim::IdempotencyClaim(const Settings& settings, TenantScope tenant, Entry entry, idempotency::Row row,
                                   const Bytes32& seed)
    : settings_(&settings), tenant_(std::move(tenant)), entry_(std::move(entry)), row_(std::move(row)), seed_(seed) {}

void IdempotencyClaim::write(WriteBatch& batch, std::string_view body, std::uint16_t status) const {
  auto done = row_;
  done.status = status;
  finish(batch, std::move(done), body);
}

void IdempotencyClaim::write_with_withdrawal(WriteBatch& batch, std::string_view body, std::string withdrawal) const {
  auto done = row_;
  done.withdrawal = std::move(withdrawal);
  finish(batch, std::move(done), body);
}

void IdempotencyClaim::finish(WriteBatch& batch, idempotency::Row done, std::string_view body) const {
  if (!answers()) return;
  done.state = idempotency::State::done;
  done.sealed = seal(settings_->seal, sealed_in(entry_.key, idempotency::State::done), bytes_of(body));
  batch.replace_final(entry_, to_row(done));
}

void IdempotencyClaim::write_for_next_generation(Context& cx, WriteBatch& batch, const TenantScope& next,
                                                 std::string_view body) const {
  if (!answers()) return;
  const auto key = next.key("idem", std::string_view(entry_.key).substr(entry_.key.rfind('/') + 1));
  auto done = row_;
  done.state = idempotency::State::done;
  done.sealed = seal(settings_->seal, sealed_in(key, idempotency::State::done), bytes_of(body));
  batch.put(key, to_row(done));
  add_due_on_host(cx, batch, purge_work(next, key), done.purge_at);
}

void IdempotencyClaim::refuse(const Context& cx, WriteBatch& batch, const Error& error) const {
  write(batch, error_json(error, cx.request_id), info(public_code(error.code)).status);
}

void IdempotencyClaim::pause(WriteBatch& batch) const {
  if (!answers()) return;
  auto paused = row_;
  paused.lease_until = {};
  batch.replace(entry_, to_row(paused));
}

void IdempotencyClaim::release(WriteBatch& batch) const {
  if (!answers()) return;
  batch.remove(entry_);
  batch.erase(due_key(purge_work(tenant_, entry_.key), row_.purge_at));
}

Random IdempotencyClaim::random(Context& cx) const {
  const auto seed = empty() ? cx.random.bytes32() : seed_;
  std::array<std::uint64_t, 4> entropy{};
  static_assert(sizeof(entropy) == sizeof(seed));
  std::memcpy(entropy.data(), seed.data(), sizeof(seed));
  // The row's key is included: two requests draw different values even if the host repeats its entropy.
  return Random(entropy, "operation " + entry_.key);
}

Result<> IdempotencyClaim::require_earlier_run(std::string_view generated) const {
  if (!empty()) return {};
  return fail(ErrorCode::internal_error, "randomness repeated: generated twice: " + std::string(generated));
}

UnixMillis IdempotencyClaim::started_at(const Context& cx) const { return empty() ? cx.now() : row_.created_at; }

}  // namespace lntpay

namespace lntpay::idempotency {

Task<Result<std::string>> answered(Context& cx, IdempotencyClaim claim, std::string body, std::optional<std::uint16_t> status) {
  if (!claim.answers()) co_return body;
  co_return co_await retry([&]() -> Task<Result<std::string>> {
    const auto row = co_await cx.store.get(claim.entry().key);
    if (row != claim.entry()) co_return body;
    WriteBatch batch;
    claim.write(batch, body, status.value_or(claim.row().status));
    co_await cx.store.commit(std::move(batch));
    co_return body;
  });
}

}  // namespace lntpay::idempotency
