// Results of node calls as text, and the script that answers their exchanges.
#include "tests/support/scripted_node.hpp"

#include <cstdio>
#include <cstdlib>

#include "core/base/encoding.hpp"

namespace lntpay::test {
void Script::require(bool good, const char* why) {
  if (good) return;
  std::fprintf(stderr, "a scripted node's call: %s\n", why);
  std::abort();
}

void Script::reply(std::vector<Reply>& replies) {
  require(seam_.waiting(), "the test has more replies than the call has exchanges");
  auto effects = seam_.take_effects();
  require(effects.size() <= replies.size(), "the call has more exchanges than the test has replies");
  for (auto& effect : effects) {
    auto* outgoing = std::get_if<Outgoing>(&effect);
    require(outgoing != nullptr, "the call has an effect that is no exchange");
    asked.push_back(std::move(*outgoing));
  }
  const auto rest = replies.begin() + static_cast<std::ptrdiff_t>(effects.size());
  std::vector<Reply> next(std::make_move_iterator(replies.begin()), std::make_move_iterator(rest));
  replies.erase(replies.begin(), rest);
  seam_.answer(now, std::move(next));
}

Reply answer(std::uint16_t status, std::string body, std::vector<Header> headers) {
  return Answered{{.status = status, .headers = std::move(headers), .body = std::move(body)}};
}

std::string text(const PaymentRecord& record) {
  std::string out(name_of(record.state));
  if (record.index != 0) out += " " + std::to_string(record.index);
  if (record.state == PaymentState::succeeded) out += ", fee " + std::to_string(record.fee.value);
  return record.failure.empty() ? out : out + " " + record.failure;
}

std::string text(const SendResult& answer) {
  std::string out;
  switch (answer.outcome) {
    case SendOutcome::refused: out = "refused"; break;
    case SendOutcome::already_exists: out = "known"; break;
    case SendOutcome::finished: out = "finished: "; break;
    case SendOutcome::unclear: out = answer.seen ? "unclear, " : "unclear"; break;
  }
  if (answer.seen) out += text(*answer.seen);
  return answer.reason.empty() ? out : out + ": " + answer.reason;
}

std::string text(const PaymentLookup& look) { return text(look.record) + " at " + std::to_string(look.node_time.value); }

std::string text(const NodeInvoice& invoice) {
  std::string out(name_of(invoice.state));
  if (invoice.state == InvoiceState::settled) out += " " + std::to_string(invoice.paid.value);
  out += " of " + std::to_string(invoice.amount.value_or(0_msat).value);
  if (invoice.settled_at) out += " at " + std::to_string(invoice.settled_at->value);
  return out + ", expires " + std::to_string(invoice.expires_at.value);
}
std::string text(const std::optional<NodeInvoice>& invoice) { return invoice ? text(*invoice) : "missing"; }
std::string text(const PublicKey& key) { return hex(key.bytes); }
std::string text(const Error& error) { return std::string(info(error.code).name) + ": " + error.message; }

}  // namespace lntpay::test
