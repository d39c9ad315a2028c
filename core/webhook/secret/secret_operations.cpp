// The three operations on a row with signing secrets.
#include "core/webhook/secret/secret_operations.hpp"

namespace lntpay {
namespace {

Task<Result<>> write_holder(Context& cx, SecretHolder& holder, Act note, IdempotencyClaim claim, std::string answer) {
  WriteBatch batch;
  holder.write(batch);
  claim.write(batch, answer);
  add_audit_note(cx, batch, holder.tenant(), std::move(note));
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

}  // namespace

Task<Result<Secret>> rotate_held(Context& cx, SecretHolder& holder, Millis overlap, IdempotencyClaim claim) {
  co_await invariant(!cx.settings.seal.empty(), "a host configures a key to seal secrets with");
  auto random = claim.random(cx);
  const auto now = cx.host_now();
  auto [newest, shown] = new_signing_secret(random, cx.settings, holder.key(), now);
  co_await retry([&]() -> Task<Result<>> {
    co_await holder.load(cx, SecretAct::rotate);
    auto& secrets = holder.secrets();
    // Its id and text come from the claim, so a row with them was written by this call.
    if (!secrets.empty() && secrets.front().sealed == newest.sealed) co_return {};
    co_await add_secret(secrets, holder.active(), newest, overlap, now);
    co_return co_await attempt(
        write_holder(cx, holder, holder.note(SecretAct::rotate, newest.id), claim, holder.json(now, &shown)));
  });
  co_return std::move(shown);
}

Task<Result<>> activate_held(Context& cx, SecretHolder& holder, IdempotencyClaim claim) {
  co_return co_await attempt(retry([&]() -> Task<Result<>> {
    co_await holder.load(cx, SecretAct::activate);
    holder.active() = holder.secrets().front().id;
    co_return co_await attempt(
        write_holder(cx, holder, holder.note(SecretAct::activate, holder.active()), claim, holder.json(cx.host_now(), nullptr)));
  }));
}

Task<Result<>> retire_held(Context& cx, SecretHolder& holder, std::string id) {
  bool tried = false;
  co_return co_await attempt(retry([&]() -> Task<Result<>> {
    co_await holder.load(cx, SecretAct::retire);
    // Ended by this call, whose commit had an unknown outcome.
    if (tried && !is_live(holder.secrets(), id, cx.host_now())) co_return {};
    tried = true;
    co_await end_secret(holder.secrets(), id, cx.host_now());
    co_return co_await attempt(write_holder(cx, holder, holder.note(SecretAct::retire, id), {}, {}));
  }));
}

}  // namespace lntpay
