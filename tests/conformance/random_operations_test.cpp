// Random operations compared with a naive model: every reply and every row must match. Runs against every store.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "tests/conformance/store_conformance.hpp"

namespace lntpay::test {
namespace {

/// The contract, implemented without regard to speed. It takes versions from the store and checks that they are new.
class Model {
 public:
  std::map<std::string, Entry> rows;
  std::set<std::pair<std::string, std::uint64_t>> given;

  [[nodiscard]] bool hold(const std::vector<Check>& checks) const {
    for (const auto& check : checks) {
      const auto at = rows.find(check.key);
      if (check.version.has_value() != (at != rows.end())) return false;
      if (check.version && *check.version != at->second.version) return false;
    }
    return true;
  }

  void apply(const Op& op) {
    if (const auto* put = std::get_if<Put>(&op)) {
      rows[put->key] = {put->key, put->value, 0};
    } else {
      rows.erase(std::get<Delete>(op).key);
    }
  }

  [[nodiscard]] std::vector<Entry> scan(const Range& asked) const {
    std::vector<Entry> found;
    for (const auto& [key, entry] : rows) {
      if (!key.starts_with(asked.prefix)) continue;
      if (!asked.after.empty() && (asked.reverse ? key >= asked.after : key <= asked.after)) continue;
      found.push_back(entry);
    }
    if (asked.reverse) found = {found.rbegin(), found.rend()};
    if (found.size() > asked.limit) found.resize(asked.limit);
    return found;
  }
};

class Walk {
 public:
  Walk(Subject& subject, std::uint64_t seed) : s_{subject}, random_{seed} {}

  void run(int batches) {
    for (int i = 0; i < batches; ++i) {
      const auto before = model_.rows;
      if (below(8) == 0) lose_ |= s_.lose_next_batch();
      s_.begin();
      auto wrote = false;
      for (auto effects = below(6); effects-- > 0;) wrote |= step();
      // A batch that wrote nothing need not meet the trouble that waits for the next.
      if (s_.end() == "lost") {
        REQUIRE(lose_);
        lose_ = false;
        model_.rows = before;
      } else {
        REQUIRE((!lose_ || !wrote));
      }
      if (below(16) == 0 && s_.reopen()) lose_ = false;
    }
    REQUIRE(s_.rows({}) == model_.scan({}));
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  std::string key() {
    static const std::string parts[] = {"a", "b", "a/", "z", "é", "!", "m/1", "m/", "}"};
    auto made = parts[below(std::size(parts))];
    if (below(2) == 0) made += parts[below(std::size(parts))];
    return made;
  }

  Check check() {
    const auto name = key();
    const auto at = model_.rows.find(name);
    const auto own = at == model_.rows.end() ? std::nullopt : std::optional{at->second.version};
    switch (below(8)) {
      case 0: return {name, std::nullopt};
      case 1: return {name, below(100)};
      case 2: return {name, own ? *own + 1 : 1};
      default: return {name, own};
    }
  }

  /// Whether it wrote.
  bool step() {
    switch (below(4)) {
      case 0: {
        const auto name = key();
        const auto at = model_.rows.find(name);
        REQUIRE(s_.row(name) == (at == model_.rows.end() ? std::nullopt : std::optional{at->second}));
        return false;
      }
      case 1: {
        const Range asked{below(4) == 0 ? "" : key(), below(2) == 0 ? "" : key(), static_cast<std::uint32_t>(1 + below(20)),
                          below(2) == 0};
        CAPTURE(asked.prefix);
        CAPTURE(asked.after);
        REQUIRE(s_.rows(asked) == model_.scan(asked));
        return false;
      }
      default: return commit();
    }
  }

  bool commit() {
    Commit asked;
    for (auto n = below(3); n-- > 0;) asked.checks.push_back(check());
    for (auto n = below(4); n-- > 0;) {
      if (below(4) == 0) {
        asked.ops.emplace_back(Delete{key()});
      } else {
        asked.ops.emplace_back(Put{key(), std::to_string(below(1'000))});
      }
    }
    const auto holds = model_.hold(asked.checks);
    REQUIRE(s_.commit(asked) == (holds ? "committed" : "conflict"));
    if (!holds) return false;
    for (const auto& op : asked.ops) model_.apply(op);
    auto wrote = false;
    for (const auto& op : asked.ops) {
      const auto at = model_.rows.find(host::key_of(op));
      if (at == model_.rows.end() || at->second.version != 0) continue;
      at->second.version = s_.version(at->first);
      REQUIRE(model_.given.emplace(at->first, at->second.version).second);
      wrote = true;
    }
    return wrote;
  }

  Subject& s_;
  std::mt19937_64 random_;
  Model model_;
  bool lose_ = false;  // the next batch that writes will be lost
};

/// LNTPAY_SEED=n runs only that seed.
std::pair<std::uint64_t, std::uint64_t> seeds() {
  // Read before any thread is started.
  if (const char* one = std::getenv("LNTPAY_SEED")) {  // NOLINT(concurrency-mt-unsafe)
    const auto seed = std::strtoull(one, nullptr, 10);
    return {seed, seed + 1};
  }
  return {1, 21};
}

}  // namespace

TEST_SUITE_BEGIN("store: random");

TEST_CASE_TEMPLATE("random operations match the model", S, STORES) {
  constexpr std::uint64_t walks_far_away = 2;  // where every effect is a message to another process
  const auto [first, end] = seeds();
  for (auto seed = first; seed < end; ++seed) {
    INFO("replay with LNTPAY_SEED=", seed);
    S s;
    if (!s.has_batches() && seed - first == walks_far_away) break;
    Walk{s, seed}.run(200);
  }
}

TEST_SUITE_END();

}  // namespace lntpay::test
