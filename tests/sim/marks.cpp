// The states that a full campaign must reach.
#include "tests/sim/marks.hpp"

#include "tests/sim/faults.hpp"

namespace lntpay::sim {
namespace {

constexpr std::string_view required[] = {
    "charge: pending",
    "charge: paid",
    "charge: expired",
    "charge: canceled",
    "charge: paid_late",
    "charge: overpaid",
    "charge: underpaid",
    "charge: the payer chose the amount",
    "refund: counted",
    "challenge: issued",
    "challenge: settled",
    "challenge: deleted, never issued",
    "challenge: deleted, canceled at the node",
    "challenge: deleted, unknown to the node",
    "challenge: deleted in a sandbox",
    "withdrawal: dispatched",
    "withdrawal: unknown",
    "withdrawal: needs_review",
    "withdrawal: succeeded",
    "withdrawal: failed",
    "withdrawal: abandoned",
    "withdrawal: abandoned claim resumed",
    "withdrawal: duplicate_of answered",
    "withdrawal: two race for one invoice",
    "withdrawal: resent",
    "withdrawal: needed an operator",
    "withdrawal: the route's fee is the limit",
    "poll: overtaken by a later one",
    "poll: overtaken by one with another answer",
    "review: a record was deleted",
    "review: the node already had a payment",
    "release: fence 1, nothing was sent",
    "release: fence 2, every send answered",
    "release: fence 2b, one send",
    "release: fence 2c, every send was refused",
    "release: fence 3, failed twice",
    "release: fence 3, not found twice",
    "release: by the operator",
    "payment-hash lock: replaced",
    "idempotency: an answer was replayed",
    "idempotency: a refusal was stored",
    "idempotency: a key was reused for something else",
    "webhook: dead-lettered",
    "retention: events were pruned",
    "webhook: delivered again under the same id",
    "node: a payment was held (ACCEPTED)",
    "gate: challenged",
    "gate: passed",
    "gate: changed",
    "gate: committed",
    "gate: released",
    "gate: a price was taken",
    "gate: a use was claimed again",
    "gate: a use passed again after its commit",
    "gate: all uses are being served",
    "gate: refused after the last use",
    "stream: lines were taken",
    "stream: lines were not taken",
    "stream: resumed from a cursor",
    "lists: checked during writes",
    "sandbox: clock advanced",
    "sandbox: funded",
    "sandbox: reset",
    "webhook: canceled with its endpoint",
    "webhook: of one charge, succeeded",
    "webhook: ordered, after an earlier one",
    "webhook: of one charge, failed",
    "withdrawal: given up, then paid",
    "suspense: explained by the operator",
    "world: sends may be repeated",
};

}  // namespace

std::vector<std::string> Marks::missing() const {
  std::vector<std::string> missing;
  for (const auto name : required) {
    if (!counts_.contains(name)) missing.emplace_back(name);
  }
  for (std::size_t i = 0; i < fault_count; ++i) {
    auto name = "fault: " + std::string(name_of(static_cast<Fault>(i)));
    if (!counts_.contains(name)) missing.push_back(std::move(name));
  }
  return missing;
}

}  // namespace lntpay::sim
