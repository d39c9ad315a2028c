// The simulator's program, for `make sim` and the suites. README.md explains its output.
//
//   sim --seeds 2000 --steps 500                a campaign: seeds 1 to 2,000
//   sim --seeds 100 --component build/lntpay.wasm   every seed twice, natively and as the component, with equal traces
//   sim --seed 7 --steps 500 --words            one seed, with a narrative of each step
#include <unistd.h>
#include <algorithm>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>

#include "host-adapters/common/native_instance.hpp"
#include "host-adapters/server/engine/wasm/wasm_engine.hpp"
#include "host-adapters/server/engine/wasm/wasm_instance.hpp"
#include "tests/sim/run.hpp"
#include "tests/sim/sim_world.hpp"
#include "tests/sim/text.hpp"

namespace lntpay::sim {
namespace {

struct Options {
  RunPlan plan;
  std::uint64_t first = 1;
  std::uint64_t seeds = 0;  ///< 0: the one of the plan
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  int shrink_tries = 300;
  bool words = false;
  bool need_marks = false;
  bool traces = false;  ///< print each seed's trace, to compare two builds
  std::string component;
  std::string commit = "?";
};

std::optional<Options> read(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = words[i];
    if (name == "--words") {
      options.words = true;
      continue;
    }
    if (name == "--traces") {
      options.traces = true;
      continue;
    }
    if (name == "--marks") {
      options.need_marks = true;
      continue;
    }
    if (++i == count) return std::nullopt;
    const std::string value = words[i];
    const auto n = static_cast<std::uint64_t>(number(value));
    static constexpr std::string_view numbers[] = {"--seed", "--first", "--seeds", "--steps", "--jobs", "--shrink"};
    const bool is_number = !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    if (std::ranges::contains(numbers, name) && !is_number) return std::nullopt;
    if (name == "--seed") {
      options.plan.seed = n;
    } else if (name == "--first") {
      options.first = n;
    } else if (name == "--seeds") {
      options.seeds = n;
    } else if (name == "--steps") {
      options.plan.steps = n;
    } else if (name == "--jobs") {
      options.jobs = static_cast<unsigned>(std::max<std::uint64_t>(1, n));
    } else if (name == "--shrink") {
      options.shrink_tries = static_cast<int>(n);
    } else if (name == "--commit") {
      options.commit = value;
    } else if (name == "--component") {
      options.component = value;
    } else if (name == "--without") {
      for (const auto fault : split(value, ',')) options.plan.faults_left_out.emplace(fault);
    } else if (name == "--skip") {
      for (const auto range : split(value, ',')) {
        const auto ends = split(range, '-');
        for (auto step = number(ends.front()); step <= number(ends.back()); ++step) {
          options.plan.left_out.insert(static_cast<std::uint64_t>(step));
        }
      }
    } else {
      return std::nullopt;
    }
  }
  return options;
}

/// Runs the seeds on one thread per core.
class Campaign {
 public:
  Campaign(Options options, Engines native, std::optional<Engines> wasm)
      : options_(std::move(options)), native_(std::move(native)), wasm_(std::move(wasm)) {}

  int run_all() {
    const auto began = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options_.jobs; ++i) threads.emplace_back([this, began] { work(began); });
    for (auto& thread : threads) thread.join();
    if (isatty(1) != 0) std::printf("\r\033[K");
    const auto spent = seconds_since(began);
    std::printf("%llu seeds x %llu steps%s: %.0f s, %.0f steps/s, %.0f effects/s, %zu marks\n", done_.load(), steps(),
                wasm_ ? ", natively and as the component" : "", spent, static_cast<double>(done_ * steps()) / spent,
                static_cast<double>(effects_) / spent, marks_.counts().size());
    int missing = 0;
    if (options_.need_marks) {
      for (const auto& [name, times] : marks_.counts())
        std::printf("%9llu %s\n", static_cast<unsigned long long>(times), name.c_str());
      for (const auto& name : marks_.missing()) {
        std::printf("never reached: %s\n", name.c_str());
        ++missing;
      }
    }
    std::printf("%llu passed, %d failed\n", done_ - static_cast<unsigned long long>(failed_), failed_ + (missing > 0 ? 1 : 0));
    return failed_ + missing > 0 ? 1 : 0;
  }

 private:
  static double seconds_since(std::chrono::steady_clock::time_point began) {
    return std::max(0.001, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  }
  [[nodiscard]] unsigned long long steps() const { return options_.plan.steps; }

  void work(std::chrono::steady_clock::time_point began) {
    for (auto at = next_++; at < options_.seeds && failed_ < 3; at = next_++) {
      auto plan = options_.plan;
      plan.seed = options_.first + at;
      auto result = run(plan, native_);
      if (result.failure.empty() && wasm_) {
        const auto other = run(plan, *wasm_);
        if (other.trace != result.trace) result.failure = "the component's steps differ from the native engine's " + other.failure;
      }
      const std::lock_guard lock(mutex_);
      ++done_;
      if (options_.traces)
        std::printf("seed %llu trace %016llx without wording %016llx\n", static_cast<unsigned long long>(plan.seed),
                    static_cast<unsigned long long>(result.trace), static_cast<unsigned long long>(result.trace_without_wording));
      effects_ += result.effects;
      for (const auto& [name, times] : result.marks.counts()) marks_.add(name, times);
      if (!result.failure.empty()) report(plan, result);
      if (isatty(1) != 0) {
        std::printf("\r\033[Kseeds %llu of %llu, %.0f steps/s, %zu marks", done_.load(),
                    static_cast<unsigned long long>(options_.seeds), static_cast<double>(done_ * steps()) / seconds_since(began),
                    marks_.counts().size());
        std::fflush(stdout);
      }
    }
  }

  void report(const RunPlan& plan, const RunResult& result) {
    ++failed_;
    std::printf("FAILED %s\n", result.failure.c_str());
    std::printf("replay: build/release/sim %s --words   # commit %s\n", plan.text().c_str(), options_.commit.c_str());
    std::fflush(stdout);
    if (options_.shrink_tries == 0) return;
    const auto shorter = shrink(plan, result, native_, options_.shrink_tries);
    std::printf("shorter: build/release/sim %s --words\n", shorter.text().c_str());
    if (shorter.steps - shorter.left_out.size() <= 40) {
      run(shorter, native_, [](const std::string& line) { std::printf("  | %s\n", line.c_str()); });
    }
    std::fflush(stdout);
  }

  Options options_;
  Engines native_;
  std::optional<Engines> wasm_;
  std::mutex mutex_;
  std::atomic<unsigned long long> next_{0};
  std::atomic<unsigned long long> done_{0};
  std::atomic<int> failed_{0};
  unsigned long long effects_ = 0;
  Marks marks_;
};

int start(Options options) {
  const auto once = engine_config(true, campaign_keeps_events_days);
  const auto repeated = engine_config(false, campaign_keeps_events_days);
  const Engines native{host::native_instances(once), host::native_instances(repeated)};
  std::optional<Engines> wasm;
  if (!options.component.empty()) {
    const auto engine = host::WasmEngine::load(options.component, std::filesystem::temp_directory_path(), {});
    if (!engine) {
      std::printf("cannot load the component: %s\n", engine.error().c_str());
      return 1;
    }
    wasm = Engines{host::wasm_instances(*engine, once), host::wasm_instances(*engine, repeated)};
  }
  if (options.seeds > 0) return Campaign(std::move(options), native, wasm).run_all();
  const auto tell = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
  const auto result = run(options.plan, wasm ? *wasm : native, options.words ? tell : std::function<void(const std::string&)>{});
  if (!options.words) {
    for (const auto& [name, times] : result.marks.counts())
      std::printf("%8llu %s\n", static_cast<unsigned long long>(times), name.c_str());
  }
  std::printf("trace %016llx, %llu effects\n%s\n", static_cast<unsigned long long>(result.trace),
              static_cast<unsigned long long>(result.effects), result.failure.empty() ? "every rule held" : result.failure.c_str());
  return result.failure.empty() ? 0 : 1;
}

}  // namespace
}  // namespace lntpay::sim

int main(int count, char** words) {
  const auto options = lntpay::sim::read(count, words);
  if (!options) {
    std::puts(
        "usage: sim [--seed N | --seeds N [--first N] [--jobs N] [--marks] [--traces]] [--steps N] [--component FILE] [--words]\n"
        "           [--skip STEPS] [--without FAULTS] [--shrink TRIES] [--commit NAME]");
    return 2;
  }
  return lntpay::sim::start(*options);
}
