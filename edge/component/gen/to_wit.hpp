// Results of the component's exports, to the C bindings.
// Generated from wit/edge.wit by wit/glue/generate.mjs; do not edit.
#pragma once
#include "core/base/overload.hpp"
#include "edge/component/abi_values.hpp"
#include "edge/component/gen/edge.h"
#include "edge/contract/contract.hpp"

namespace lntpay::component {

inline void header_to_wit(const Header& from, exports_lntpay_edge_engine_header_t& to) {
  [[maybe_unused]] const auto& [m0, m1] = from;
  text_to_wit(from.name, to.f0);
  text_to_wit(from.value, to.f1);
}

inline void response_to_wit(const Response& from, exports_lntpay_edge_engine_response_t& to) {
  [[maybe_unused]] const auto& [m0, m1, m2] = from;
  to.status = from.status;
  list_to_wit<header_to_wit>(from.headers, to.headers);
  text_to_wit(from.body, to.body);
}

inline void range_to_wit(const Range& from, exports_lntpay_edge_engine_range_t& to) {
  [[maybe_unused]] const auto& [m0, m1, m2, m3] = from;
  text_to_wit(from.prefix, to.prefix);
  text_to_wit(from.after, to.after);
  to.limit = from.limit;
  to.reverse = from.reverse;
}

inline void check_to_wit(const Check& from, exports_lntpay_edge_engine_check_t& to) {
  [[maybe_unused]] const auto& [m0, m1] = from;
  text_to_wit(from.key, to.key);
  option_to_wit<scalar_to_wit<std::uint64_t>>(from.version, to.version);
}

inline void op_to_wit(const Op& from, exports_lntpay_edge_engine_op_t& to) {
  std::visit(
      Overload{
          [&](const Put& chosen) {
            to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_OP_PUT;
            const auto& [f0, f1] = chosen;
            text_to_wit(f0, to.val.put.f0);
            text_to_wit(f1, to.val.put.f1);
          },
          [&](const Delete& chosen) {
            to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_OP_DELETE;
            const auto& [f0] = chosen;
            text_to_wit(f0, to.val.delete_);
          },
      },
      from);
}

inline void commit_to_wit(const Commit& from, exports_lntpay_edge_engine_commit_t& to) {
  [[maybe_unused]] const auto& [m0, m1] = from;
  list_to_wit<check_to_wit>(from.checks, to.checks);
  list_to_wit<op_to_wit>(from.ops, to.ops);
}

inline void outgoing_to_wit(const Outgoing& from, exports_lntpay_edge_engine_outgoing_t& to) {
  [[maybe_unused]] const auto& [m0, m1, m2, m3, m4, m5, m6, m7, m8, m9] = from;
  text_to_wit(from.upstream, to.upstream);
  text_to_wit(from.method, to.method);
  text_to_wit(from.target, to.target);
  list_to_wit<header_to_wit>(from.headers, to.headers);
  text_to_wit(from.body, to.body);
  to.timeout_ms = from.timeout_ms;
  to.lines = from.lines;
  to.once = from.once;
  to.body_limit = from.body_limit;
  text_to_wit(from.workspace, to.workspace);
}

inline void wait_to_wit(const WaitFor& from, exports_lntpay_edge_engine_wait_t& to) {
  [[maybe_unused]] const auto& [m0, m1] = from;
  list_to_wit<check_to_wit>(from.seen, to.seen);
  to.until_ms = from.until.value;
}

inline void effect_to_wit(const Effect& from, exports_lntpay_edge_engine_effect_t& to) {
  std::visit(
      Overload{
          [&](const Get& chosen) {
            to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_EFFECT_GET;
            const auto& [f0] = chosen;
            list_to_wit<text_to_wit>(f0, to.val.get);
          },
          [&](const Range& chosen) {
            to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_EFFECT_SCAN;
            range_to_wit(chosen, to.val.scan);
          },
          [&](const Commit& chosen) {
            to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_EFFECT_COMMIT;
            commit_to_wit(chosen, to.val.commit);
          },
          [&](const Outgoing& chosen) {
            to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_EFFECT_FETCH;
            outgoing_to_wit(chosen, to.val.fetch);
          },
          [&](const WaitFor& chosen) {
            to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_EFFECT_WAIT;
            wait_to_wit(chosen, to.val.wait);
          },
      },
      from);
}

inline void passage_to_wit(const Passage& from, exports_lntpay_edge_engine_passage_t& to) {
  [[maybe_unused]] const auto& [m0, m1, m2, m3, m4, m5, m6] = from;
  text_to_wit(from.redemption, to.redemption);
  list_to_wit<text_to_wit>(from.remove, to.remove);
  list_to_wit<header_to_wit>(from.add, to.add);
  to.bodiless = from.bodiless;
  list_to_wit<header_to_wit>(from.respond, to.respond);
  list_to_wit<header_to_wit>(from.cors, to.cors);
  to.good_for_ms = from.good_for_ms;
}

inline void wake_at_to_wit(const WakeAt& from, edge_tuple2_string_u64_t& to) {
  [[maybe_unused]] const auto& [m0, m1] = from;
  text_to_wit(from.shard, to.f0);
  to.f1 = from.at.value;
}

inline void outcome_to_wit(const Outcome& from, exports_lntpay_edge_engine_outcome_t& to) {
  [[maybe_unused]] const auto& [m0, m1, m2, m3, m4, m5] = from;
  option_to_wit<response_to_wit>(from.response, to.response);
  option_to_wit<passage_to_wit>(from.pass, to.pass);
  list_to_wit<text_to_wit>(from.tasks, to.tasks);
  list_to_wit<wake_at_to_wit>(from.wake, to.wake);
  option_to_wit<outgoing_to_wit>(from.subscribe, to.subscribe);
  list_to_wit<text_to_wit>(from.log, to.log);
}

inline void step_to_wit(const Step& from, exports_lntpay_edge_engine_step_t& to) {
  std::visit(
      Overload{
          [&](const Outcome& chosen) {
            to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_STEP_DONE;
            outcome_to_wit(chosen, to.val.done);
          },
          [&](const Ask& chosen) {
            to.tag = EXPORTS_LNTPAY_EDGE_ENGINE_STEP_ASK;
            const auto& [f0, f1] = chosen;
            to.val.ask.f0 = f0;
            list_to_wit<effect_to_wit>(f1, to.val.ask.f1);
          },
      },
      from);
}

}  // namespace lntpay::component
