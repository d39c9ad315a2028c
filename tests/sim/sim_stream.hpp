// The host's reader of the node's stream, in virtual time: batches in order, one at a time, and a new beginning, where the engine
// says, after every end (host-adapters/server/node/node_stream.hpp is the real one). Lines that were on their way at an end are
// lost.
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
  /// One ends with the connection, a batch that was not taken, or the process; what is said to an earlier one is lost.
  using Life = std::uint64_t;
  void begin_anew();
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
