// Due work: a wake is a hint that may be lost, so the host wakes every shard again a minute after anything was due there. The
// shards of live challenges belong to no workspace: they are woken at every start and every tick.
#include <algorithm>

#include "core/charge/challenge_row.hpp"
#include "tests/sim/sim_host.hpp"
#include "tests/sim/text.hpp"

namespace lntpay::sim {

UnixMillis Host::at_host_time(UnixMillis at) const { return scene_.agenda.now() + std::max(at - now(), Millis{}); }

void Host::hint(const std::string& shard, UnixMillis at) {
  if (scene_.happens(Fault::wake_lost)) return sweep_later(shard, minutes(1));
  if (scene_.happens(Fault::wake_early)) at = at - scene_.random.span({1}, minutes(10));
  if (scene_.happens(Fault::wake_late)) at = at + scene_.random.span({1}, minutes(10));
  wake_at(shard, at);
  if (scene_.happens(Fault::wake_twice)) wake_at(shard, at + scene_.random.span({1}, minutes(1)));
}

void Host::wake_at(const std::string& shard, UnixMillis at) {
  at = std::max(at, now());
  if (!wakes_.emplace(shard, at).second) return;
  scene_.agenda.at(at_host_time(at), [this, shard, at, generation = generation_] {
    if (generation != generation_) return;
    wakes_.erase({shard, at});
    begin(input::Wake{shard}, {}, shard);
  });
}

void Host::begin_task(const std::string& shard, const std::string& key) {
  if (scene_.happens(Fault::wake_lost)) return;
  begin(input::Task{key}, {}, shard);
  if (scene_.happens(Fault::wake_twice)) begin(input::Task{key}, {}, shard);
}

void Host::sweep_later(const std::string& shard, Millis span) {
  const auto at = scene_.agenda.now() + span;
  const auto planned = sweeps_.find(shard);
  if (planned != sweeps_.end() && planned->second <= at) return;
  sweeps_[shard] = at;
  scene_.agenda.at(at, [this, shard, at, generation = generation_] {
    const auto found = sweeps_.find(shard);
    if (generation != generation_ || found == sweeps_.end() || found->second != at) return;
    sweeps_.erase(found);
    sweep(shard);
  });
}

void Host::tick_challenges() {
  ticks_ = true;
  wake_challenges();
  scene_.agenda.in(minutes(1), [this, generation = generation_] {
    if (generation == generation_) tick_challenges();
  });
}

void Host::wake_challenges() {
  for (unsigned n = 0; n < challenge_shard_count; ++n) {
    const std::string shard(Shard::number(n).text());
    if (!sweeps_.contains(shard)) sweep(shard);
  }
}

void Host::sweep(const std::string& shard) {
  std::optional<UnixMillis> first;
  scene_.store.below(shard + "/due/", [&](const std::string& key, const std::string&) {
    const UnixMillis at{static_cast<std::uint64_t>(number(split(key, '/')[3]))};
    first = std::min(at, first.value_or(at));
    return true;
  });
  if (!first) return;
  if (*first <= now()) begin(input::Wake{shard}, {}, shard);
  sweep_later(shard, Millis{std::max(*first - now(), Millis{}).value + minutes(1).value});
}

}  // namespace lntpay::sim
