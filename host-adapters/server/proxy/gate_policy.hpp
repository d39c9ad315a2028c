// The gate's decisions: whether a request passes, and how its use ends.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "edge/gate/sold_while.hpp"
#include "host-adapters/server/proxy/ask_engine.hpp"
#include "host-adapters/server/proxy/known_passes.hpp"

namespace lntpay::host {

/// A request that passes has a `passage`; one that does not has a `response`.
struct GateDecision {
  std::shared_ptr<const Passage> passage{};
  std::optional<Response> response{};
};

/// Asks the engine through `submit`. Lives on the thread that runs `io`.
class GatePolicy {
 public:
  using Submit = SubmitInput;

  /// Without a gate everything passes.
  GatePolicy(boost::asio::io_context& io, Submit submit, std::string gate);

  /// `size`: of the request's body, where it is known. `sold`: the gate has the price of this request no more, and admits what it
  /// sold in that time (edge/gate/sold_while.hpp).
  boost::asio::awaitable<GateDecision> decide(const Request& request, std::optional<std::uint64_t> size = std::nullopt,
                                              std::optional<SoldWhile> sold = std::nullopt);
  /// Ends the use by the service's response, and returns the headers for the client's response. Nullopt: it could not be written.
  boost::asio::awaitable<std::optional<std::vector<Header>>> redeem(ProtectedResponse response);
  /// The response to a request that is refused before the gate.
  boost::asio::awaitable<Response> refuse(Refusal why);

 private:
  boost::asio::io_context& io_;
  Submit submit_;
  std::string gate_;
  KnownPasses passes_;
};

}  // namespace lntpay::host
