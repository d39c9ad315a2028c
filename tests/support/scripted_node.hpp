// Runs one call of a Node without a host: the test reads the requests and supplies the replies. Results are available as text, for
// comparison with literals.
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
  /// Runs the call to completion; each exchange gets the next reply, concurrent exchanges get theirs together.
  template <class T>
  T play(Task<T> task, std::vector<Reply> replies) {
    task.start(seam_);
    while (!replies.empty()) reply(replies);
    require(task.value().has_value(), "the call has more exchanges than the test has replies");
    return std::move(*task.value());
  }

  Settings settings;
  UnixMillis now{1'800'000'000'000};
  std::vector<Outgoing> asked;

 private:
  /// Moves the first of the replies to the exchanges that wait for them.
  void reply(std::vector<Reply>& replies);
  static void require(bool good, const char* why);

  Seam seam_{now};
  Random random_{{1, 2, 3, 4}};
  Context cx_{seam_, random_, settings};
};

/// A response of lnd's gateway.
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

/// The value, the error, or "done" for a success without a value.
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
