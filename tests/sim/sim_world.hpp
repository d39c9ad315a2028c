// One simulated world: the engine with its host, rows, clocks, a node, receivers, clients, and the oracle that watches.
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

/// What the engine is configured with: a live node on regtest, no rate that a simulation would reach.
std::string engine_config(bool send_once = true);

class World {
 public:
  struct Setup {
    std::uint64_t seed = 0;
    host::MakeInstance make;
    bool send_once = true;  ///< as `make` was configured
    Faults faults;
    std::size_t workspaces = 2;
    bool gates = false;    ///< visitors come to gates
    bool streams = false;  ///< the host reads the node's stream; others look at each charge when it is due
    std::function<void(const std::string&)> words;
  };
  explicit World(Setup setup);

  /// Everything of one step: an action, sessions that go on a little or to their end, time that passes.
  void step(std::uint64_t number);
  /// Faults stop; the world must come to rest, and then everything is checked.
  void come_to_rest();

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
  [[nodiscard]] std::string work_left() const;
  std::uint64_t seed_;
};

}  // namespace lntpay::sim
