// The amount that a charge has paid back.
#include "core/withdrawal/refund.hpp"

#include <algorithm>

#include "core/base/json.hpp"

namespace lntpay {

std::optional<Error> refund_refusal(const Charge& charge, Msat amount) {
  if (!has_money(charge.status)) {
    return Error{.code = ErrorCode::invalid_state,
                 .message = "Only a paid charge can be refunded. Its status is " + std::string(name_of(charge.status)) + "."};
  }
  const Msat left{charge.settled.value - std::min(charge.settled.value, charge.refunded.value)};
  if (amount <= left) return std::nullopt;
  return Error{.code = ErrorCode::invalid_state,
               .message = "A refund cannot exceed what was paid and is not refunded yet: " + std::to_string(left.value) +
                          " msat. Request an invoice of at most that from the payer.",
               .param = "bolt11",
               .details = JsonObject{}.add("refundable_msat", left.value).text()};
}

Task<Result<Stored<Charge>>> load_refunded(Context& cx, TenantScope tenant, ChargeId id) {
  auto stored = co_await cx.store.load<Charge>(charge_key(tenant, id));
  if (!stored) co_return fail(ErrorCode::not_found, "There is no charge with this id.");
  co_return std::move(*stored);
}

void count_refund(WriteBatch& batch, Stored<Charge> charge, Msat amount) {
  charge.record.refunded.value += amount.value;
  batch.replace(charge.entry, to_row(charge.record));
}

void uncount_refund(WriteBatch& batch, Stored<Charge> charge, Msat amount) {
  charge.record.refunded.value -= std::min(charge.record.refunded.value, amount.value);
  batch.replace(charge.entry, to_row(charge.record));
}

}  // namespace lntpay
