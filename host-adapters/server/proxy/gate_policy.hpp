// The gate's decisions: whether a request passes, and how its use ends.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host-adapters/server/engine/sessions.hpp"
#include "host-adapters/server/proxy/known_passes.hpp"

namespace lntpay::host {

/// A request that passes has `headers` and, if its use is counted, the `pass` to redeem; one that does not has a `response`.
struct GateDecision {
  std::shared_ptr<const std::vector<Header>> headers{};  ///< of the gate, for the service and the client
  std::string pass{};
  std::optional<Response> response{};
};

/// Asks the engine through `submit`. Lives on the thread that runs `io`.
class GatePolicy {
 public:
  using Submit = std::function<void(Input, Answer)>;

  /// Without a gate everything passes.
  GatePolicy(boost::asio::io_context& io, Submit submit, std::string gate);

  boost::asio::awaitable<GateDecision> decide(const Request& request);
  /// Commits the use (`served`) or releases it. False: it could not be written.
  boost::asio::awaitable<bool> redeem(const std::string& pass, bool served);
  /// The response to a request that is refused before the gate.
  boost::asio::awaitable<Response> refuse(Refusal why);

 private:
  boost::asio::awaitable<Outcome> submit(Input input);

  boost::asio::io_context& io_;
  Submit submit_;
  std::string gate_;
  KnownPasses passes_;
};

}  // namespace lntpay::host
