// The host's reader of the node's stream, in virtual time: batches in order, one at a time, and a new connection, from the position
// that the engine gives, after every end (host-adapters/server/node/node_stream.hpp is the real one). Lines in transit at an end
// are lost.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/lnd_model.hpp"
#include "tests/sim/sim_host.hpp"

namespace lntpay::sim {

class Stream {
 public:
  Stream(Scene& scene, Host& host, LndModel& lnd);

 private:
  /// A connection's number: it ends with the connection, a failed batch, or the process; lines of an earlier one are dropped.
  using Life = std::uint64_t;
  void connect_again();
  void ask_engine();
  void open(const Outgoing& asked);
  void arrive(Life life, std::string line);
  void take(std::string line);
  void end();
  void pump();
  void taken(const Outcome& outcome);

  Scene& scene_;
  Host& host_;
  LndModel& lnd_;
  Life life_ = 0;
  std::vector<std::string> waiting_;
  UnixMillis last_arrival_{};
  bool engine_works_ = false;
  bool ended_ = false;
};

}  // namespace lntpay::sim
