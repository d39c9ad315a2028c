// State shared by all parts of a simulated world: time, rows, randomness, faults, marks, and the narrative of a replay.
#pragma once
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/sim/agenda.hpp"
#include "tests/sim/faults.hpp"
#include "tests/sim/marks.hpp"
#include "tests/sim/sim_random.hpp"
#include "tests/sim/sim_store.hpp"

namespace lntpay::sim {

/// A broken rule: "I7 …".
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws a Violation unless `holds`; its text is only built then.
template <class... Parts>
void require(bool holds, const Parts&... parts) {
  if (holds) return;
  std::string what;
  ((what += parts), ...);
  throw Violation(what);
}

struct Scene {
  Scene(std::uint64_t seed, UnixMillis start) : start(start), agenda(start), random(seed, 0) {}

  UnixMillis start;
  Agenda agenda;
  SimStore store;
  Faults faults;
  Marks marks;
  SimRandom random;             ///< the current step's
  bool random_repeats = false;  ///< an id can then be generated twice, which is a permanent 500
  bool send_once = true;        ///< the host can promise that no layer repeats a send
  /// If set, chooses the fault of an exchange with the node, instead of randomness.
  std::function<std::optional<Fault>(const Outgoing&)> script;
  /// If set, learns of each slow exchange, and when its request arrives.
  std::function<void(const Outgoing&, Millis)> on_slow;
  std::function<void(const std::string&)> words;  ///< if set, receives a narrative of the run

  template <class... Parts>
  void narrate(const Parts&... parts) {
    if (!words) return;
    std::string text;
    ((text += parts), ...);
    words(text);
  }
  bool happens(Fault fault) {
    if (!faults.happens(fault, random, marks)) return false;
    narrate("    fault: ", std::string(name_of(fault)));
    return true;
  }
};

/// Suspends all faults during its lifetime, for requests that must succeed.
class WithoutFaults {
 public:
  explicit WithoutFaults(Scene& scene) : scene_(scene), faults_(std::exchange(scene.faults, {})) {}
  WithoutFaults(const WithoutFaults&) = delete;
  WithoutFaults& operator=(const WithoutFaults&) = delete;
  ~WithoutFaults() { scene_.faults = faults_; }

 private:
  Scene& scene_;
  Faults faults_;
};

}  // namespace lntpay::sim
