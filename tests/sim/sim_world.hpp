// One simulated world: the engine with its host, rows, clocks, a node, receivers, clients, and the oracle.
#pragma once
#include <memory>

#include "tests/sim/clients.hpp"
#include "tests/sim/lnd_model.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/receivers.hpp"
#include "tests/sim/sim_host.hpp"
#include "tests/sim/sim_stream.hpp"
#include "tests/sim/visitors.hpp"

namespace lntpay::sim {

/// The engine's configuration: a live node on regtest, and rate limits that a simulation does not reach.
std::string engine_config(bool send_once = true, int keep_events_days = 90);

class World {
 public:
  struct Setup {
    std::uint64_t seed = 0;
    host::MakeInstance make;
    bool send_once = true;  ///< as configured in `make`
    Faults faults;
    std::size_t workspaces = 2;
    bool gates = false;    ///< with gates and visitors
    bool streams = false;  ///< the host reads the node's stream; otherwise charges are polled when due
    std::function<void(const std::string&)> words;
  };
  explicit World(Setup setup);

  /// One step: an action, progress of sessions, time that passes.
  void step(std::uint64_t number);
  /// Stops all faults, waits until the world is at rest, and checks everything.
  void rest();

  void pass(Millis span);

  Scene scene;
  LndModel lnd;
  Receivers receivers;
  Oracle oracle;
  Host host;
  Clients clients;
  Visitors visitors;
  std::optional<Stream> stream;

 private:
  void move();
  [[nodiscard]] std::string remaining_work() const;
  std::uint64_t seed_;
};

}  // namespace lntpay::sim
