// One call of a Node, played without a host: the test reads what it asks and says what it is told. And what came of it as text, so
// that tests compare with literals.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/lightning/node/lnd.hpp"
#include "core/tenant/context.hpp"

namespace lntpay::test {

class Script {
 public:
  explicit Script(std::string live_network = "regtest") { settings.live_network = std::move(live_network); }

  Context& context() { return cx_; }
  /// Runs the call to its end, each of its exchanges answered by the next reply, those that are asked together together.
  template <class T>
  T play(Task<T> task, std::vector<Reply> replies) {
    task.start(seam_);
    while (!replies.empty()) tell(replies);
    require(task.value().has_value(), "the call asks for more than the test answers");
    return std::move(*task.value());
  }

  Settings settings;
  UnixMillis now{1'800'000'000'000};
  std::vector<Outgoing> asked;

 private:
  /// Answers what is asked now by the first of the replies, and takes them out.
  void tell(std::vector<Reply>& replies);
  static void require(bool good, const char* why);

  Seam seam_{now};
  Random random_{{1, 2, 3, 4}};
  Context cx_{seam_, random_, settings};
};

/// An answer of lnd's gateway.
Reply answer(std::uint16_t status, std::string body, std::vector<Header> headers = {});

/// "succeeded 10, fee 0"; "failed 5 FAILURE_REASON_NO_ROUTE"; "in_flight 3"; "not_found"
std::string text(const PaymentRecord& record);
/// "finished: succeeded 10, fee 0"; "refused: the invoice has expired"; "unclear, in_flight 3: the response was truncated: reset"
std::string text(const SendResult& answer);
/// "succeeded 10, fee 0 at 1800000000000"
std::string text(const PaymentLookup& look);
/// "settled 2500 of 2500 at 1795410613000, expires 1795497013000"
std::string text(const NodeInvoice& invoice);
/// "missing"
std::string text(const std::optional<NodeInvoice>& invoice);
/// in hex
std::string text(const PublicKey& key);
/// "node_unavailable: The Lightning node refused the request."
std::string text(const Error& error);

/// The value, the error, or "done" where there is nothing to say.
template <class T>
std::string text(const Result<T>& result) {
  if (!result) return text(result.error());
  if constexpr (std::is_void_v<T>) {
    return "done";
  } else {
    return text(*result);
  }
}

}  // namespace lntpay::test
