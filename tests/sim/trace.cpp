// Hashes every field of every step.
#include "tests/sim/trace.hpp"

#include <cstring>

namespace lntpay::sim {

void Trace::mix(std::uint64_t word) {
  hash_ ^= word;
  hash_ *= 0x9e3779b97f4a7c15ULL;
  hash_ ^= hash_ >> 29;
}

void Trace::mix(std::string_view text) {
  mix(text.size());
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof(word));
    mix(word);
    text.remove_prefix(sizeof(word));
  }
  std::uint64_t rest = 0;
  if (!text.empty()) std::memcpy(&rest, text.data(), text.size());
  mix(rest);
}

namespace {

/// Rows that hold a sentence, or a sealed response that may.
bool has_sentences(std::string_view key) {
  return key.contains("/wd/") || key.contains("/idem/") || key.contains("/delivery/") || key.contains("/attempt/") ||
         key.contains("/event/") || key.contains("/whe/") || key.contains("/audit/");
}

}  // namespace

void Trace::mix_row(std::string_view key, std::string_view value) {
  mix(key);
  if (wording_ || !has_sentences(key)) mix(value);
}

void Trace::mix_body(std::string_view body) {
  if (wording_) return mix(body);
  if (!body.starts_with('{')) return mix(body.size() > 0 ? 1 : 0);  // a page
  constexpr std::string_view members[] = {"\"message\":\"", "reason\":\"",   "\"sentence\":\"",
                                          "\"failure\":\"", "\"detail\":\"", "\"title\":\""};
  while (!body.empty()) {
    std::size_t next = body.size();
    std::size_t text = 0;
    for (const auto member : members) {
      if (const auto at = body.find(member); at < next) {
        next = at;
        text = member.size();
      }
    }
    mix(body.substr(0, next));
    body.remove_prefix(next + text < body.size() ? next + text : body.size());
    bool escaped = false;
    std::size_t end = 0;
    for (; text > 0 && end < body.size() && (escaped || body[end] != '"'); ++end) escaped = !escaped && body[end] == '\\';
    body.remove_prefix(end);
  }
}

void Trace::mix(const Effect& effect) {
  mix(effect.index());
  if (const auto* get = std::get_if<Get>(&effect)) {
    for (const auto& key : get->keys) mix(key);
  } else if (const auto* range = std::get_if<Range>(&effect)) {
    mix(range->prefix);
    mix(range->after);
    mix((std::uint64_t{range->limit} << 1) + (range->reverse ? 1 : 0));
  } else if (const auto* commit = std::get_if<Commit>(&effect)) {
    for (const auto& check : commit->checks) {
      mix(check.key);
      mix(check.version.value_or(0));
    }
    for (const auto& op : commit->ops) {
      if (const auto* put = std::get_if<Put>(&op)) {
        mix_row(put->key, put->value);
      } else {
        mix(std::get<Delete>(op).key);
      }
    }
  } else if (const auto* outgoing = std::get_if<Outgoing>(&effect)) {
    mix(outgoing->upstream);
    mix(outgoing->method);
    mix(outgoing->target);
    mix_body(outgoing->body);
    for (const auto& header : outgoing->headers) {
      mix(header.name);
      if (wording_ || outgoing->upstream != "webhook") mix(header.value);  // the signature of a body
    }
    mix((std::uint64_t{outgoing->timeout_ms} << 32) + outgoing->body_limit);
    mix((std::uint64_t{outgoing->lines} << 1) + (outgoing->once ? 1 : 0));
  } else {
    const auto& wait = std::get<WaitFor>(effect);
    for (const auto& check : wait.seen) mix(check.key);
    mix(wait.until.value);
  }
}

void Trace::mix(const Outcome& outcome) {
  if (outcome.response) {
    mix(outcome.response->status);
    for (const auto& header : outcome.response->headers) {
      mix(header.name);
      if (wording_ || header.name != "content-length") mix(header.value);
    }
    mix_body(outcome.response->body);
  }
  for (const auto& task : outcome.tasks) mix(task);
  for (const auto& wake : outcome.wake) {
    mix(wake.shard);
    mix(wake.at.value);
  }
  for (const auto& line : outcome.log)
    mix(wording_ ? std::string_view(line) : std::string_view(line).substr(0, line.find_first_of(": ")));
}

void Trace::note(const Step& step) {
  mix(step.index());
  if (const auto* ask = std::get_if<lntpay::Ask>(&step)) {
    for (const auto& effect : ask->effects) mix(effect);
  } else {
    mix(std::get<Outcome>(step));
  }
}

}  // namespace lntpay::sim
