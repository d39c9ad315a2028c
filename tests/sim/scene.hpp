// What all parts of a simulated world share: time, rows, random, faults, marks, and the words of a replay.
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

/// A rule that did not hold: "I7 …".
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `what` is only made when it is needed.
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
  bool chance_repeats = false;  ///< then an id can be drawn twice, which is answered 500, for good
  bool send_once = true;        ///< the host can promise that no layer repeats a send
  /// Set: what befalls an exchange with the node, in place of random.
  std::function<std::optional<Fault>(const Outgoing&)> script;
  std::function<void(const std::string&)> words;  ///< set: tell what happens

  template <class... Parts>
  void say(const Parts&... parts) {
    if (!words) return;
    std::string text;
    ((text += parts), ...);
    words(text);
  }
  bool happens(Fault fault) {
    if (!faults.happens(fault, random, marks)) return false;
    say("    fault: ", std::string(name_of(fault)));
    return true;
  }
};

/// While it lives nothing goes wrong: for looks that must be answered.
class Silence {
 public:
  explicit Silence(Scene& scene) : scene_(scene), faults_(std::exchange(scene.faults, {})) {}
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() { scene_.faults = faults_; }

 private:
  Scene& scene_;
  Faults faults_;
};

}  // namespace lntpay::sim
