// What the engine hands out, as the generated C types. Results live in malloc's memory; the generated `cabi_post_*` frees them
// after the host has read them. A string or list of length 0 has no memory.
#pragma once
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "edge/component/gen/edge.h"
#include "edge/engine/contract.hpp"

namespace lntpay::component {

/// One overload for each alternative of a variant.
template <typename... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};

/// Memory that `cabi_post_*` frees; an instance that is out of memory traps, and the host takes a new one.
inline void* allocate(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}

inline void to_wit(std::string_view from, edge_string_t& to) {
  to = {};
  if (from.empty()) return;
  to.ptr = static_cast<std::uint8_t*>(allocate(from.size()));
  to.len = from.size();
  std::memcpy(to.ptr, from.data(), from.size());
}

// What a list or an option may hold, declared before the templates: the generated types have no namespace to be found by.
void to_wit(const Header& from, exports_lntpay_edge_engine_header_t& to);
void to_wit(const Response& from, exports_lntpay_edge_engine_response_t& to);
void to_wit(const Check& from, exports_lntpay_edge_engine_check_t& to);
void to_wit(const Op& from, exports_lntpay_edge_engine_op_t& to);
void to_wit(const Outgoing& from, exports_lntpay_edge_engine_outgoing_t& to);
void to_wit(const Effect& from, exports_lntpay_edge_engine_effect_t& to);
void to_wit(const WakeAt& from, edge_tuple2_string_u64_t& to);

/// Any of the generated lists {ptr, len}, element by element.
template <typename From, typename List>
void list_to_wit(const std::vector<From>& from, List& to) {
  to = {};
  if (from.empty()) return;
  to.ptr = static_cast<decltype(to.ptr)>(allocate(from.size() * sizeof(*to.ptr)));
  to.len = from.size();
  for (std::size_t i = 0; i < from.size(); ++i) to_wit(from[i], to.ptr[i]);
}

/// Any of the generated options {is_some, val}.
template <typename From, typename Option>
void option_to_wit(const std::optional<From>& from, Option& to) {
  to = {};
  to.is_some = from.has_value();
  if (from) to_wit(*from, to.val);
}

inline void to_wit(const Header& from, exports_lntpay_edge_engine_header_t& to) {
  to_wit(from.name, to.f0);
  to_wit(from.value, to.f1);
}

inline void to_wit(const Response& from, exports_lntpay_edge_engine_response_t& to) {
  to.status = from.status;
  list_to_wit(from.headers, to.headers);
  to_wit(from.body, to.body);
}

inline void to_wit(const Check& from, exports_lntpay_edge_engine_check_t& to) {
  to_wit(from.key, to.key);
  to.version = {.is_some = from.version.has_value(), .val = from.version.value_or(0)};
}

inline void to_wit(const Op& from, exports_lntpay_edge_engine_op_t& to) {
  std::visit(Match{
                 [&](const Put& put) {
                   to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_OP_PUT;
                   to_wit(put.key, to.val.put.f0);
                   to_wit(put.value, to.val.put.f1);
                 },
                 [&](const Delete& gone) {
                   to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_OP_DELETE;
                   to_wit(gone.key, to.val.delete_);
                 },
             },
             from);
}

inline void to_wit(const Range& from, exports_lntpay_edge_engine_range_t& to) {
  to_wit(from.prefix, to.prefix);
  to_wit(from.after, to.after);
  to.limit = from.limit;
  to.reverse = from.reverse;
}

inline void to_wit(const Commit& from, exports_lntpay_edge_engine_commit_t& to) {
  list_to_wit(from.checks, to.checks);
  list_to_wit(from.ops, to.ops);
}

inline void to_wit(const Outgoing& from, exports_lntpay_edge_engine_outgoing_t& to) {
  to_wit(from.upstream, to.upstream);
  to_wit(from.method, to.method);
  to_wit(from.target, to.target);
  list_to_wit(from.headers, to.headers);
  to_wit(from.body, to.body);
  to.timeout_ms = from.timeout_ms;
  to.lines = from.lines;
  to.once = from.once;
  to.body_limit = from.body_limit;
}

inline void to_wit(const WaitFor& from, exports_lntpay_edge_engine_wait_t& to) {
  list_to_wit(from.seen, to.seen);
  to.until_ms = from.until.value;
}

inline void to_wit(const Effect& from, exports_lntpay_edge_engine_effect_t& to) {
  std::visit(Match{
                 [&](const Get& get) {
                   to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_EFFECT_GET;
                   list_to_wit(get.keys, to.val.get);
                 },
                 [&](const Range& range) {
                   to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_EFFECT_SCAN;
                   to_wit(range, to.val.scan);
                 },
                 [&](const Commit& commit) {
                   to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_EFFECT_COMMIT;
                   to_wit(commit, to.val.commit);
                 },
                 [&](const Outgoing& outgoing) {
                   to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_EFFECT_FETCH;
                   to_wit(outgoing, to.val.fetch);
                 },
                 [&](const WaitFor& wait) {
                   to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_EFFECT_WAIT;
                   to_wit(wait, to.val.wait);
                 },
             },
             from);
}

inline void to_wit(const WakeAt& from, edge_tuple2_string_u64_t& to) {
  to_wit(from.shard, to.f0);
  to.f1 = from.at.value;
}

inline void to_wit(const Outcome& from, exports_lntpay_edge_engine_outcome_t& to) {
  option_to_wit(from.response, to.response);
  option_to_wit(from.pass, to.pass);
  list_to_wit(from.tasks, to.tasks);
  list_to_wit(from.wake, to.wake);
  option_to_wit(from.subscribe, to.subscribe);
  list_to_wit(from.log, to.log);
}

inline void to_wit(const Step& from, exports_lntpay_edge_engine_step_t& to) {
  std::visit(Match{
                 [&](const Outcome& outcome) {
                   to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_STEP_DONE;
                   to_wit(outcome, to.val.done);
                 },
                 [&](const Ask& ask) {
                   to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_STEP_ASK;
                   to.val.ask.f0 = ask.session;
                   list_to_wit(ask.effects, to.val.ask.f1);
                 },
             },
             from);
}

}  // namespace lntpay::component
