// Results of the engine's functions from component values.
// Generated from wit/edge.wit by wit/glue/generate.mjs; do not edit.
#include "host-adapters/server/engine/wasm/wasm_accessors.hpp"
#include "host-adapters/server/engine/wasm/wasm_values.hpp"

namespace lntpay::host {
namespace {

using namespace wasm_read;

Header header_of(const WasmValue& value) {
  return {text_of(item(value, 0)), text_of(item(value, 1))};
}

Response response_of(const WasmValue& value) {
  return {
      .status = u16_of(field(value, 0)),
      .headers = list_of<header_of>(field(value, 1)),
      .body = text_of(field(value, 2)),
  };
}

Range range_of(const WasmValue& value) {
  return {
      .prefix = text_of(field(value, 0)),
      .after = text_of(field(value, 1)),
      .limit = u32_of(field(value, 2)),
      .reverse = boolean_of(field(value, 3)),
  };
}

Check check_of(const WasmValue& value) {
  return {
      .key = text_of(field(value, 0)),
      .version = option_of<u64_of>(field(value, 1)),
  };
}

Op op_of(const WasmValue& value) {
  const Case chosen = case_of(value);
  if (chosen.which == "put") return Put{text_of(item(chosen.payload(), 0)), text_of(item(chosen.payload(), 1))};
  if (chosen.which == "delete") return Delete{text_of(chosen.payload())};
  throw Malformed{"an op"};
}

Commit commit_of(const WasmValue& value) {
  return {
      .checks = list_of<check_of>(field(value, 0)),
      .ops = list_of<op_of>(field(value, 1)),
  };
}

Outgoing outgoing_of(const WasmValue& value) {
  return {
      .upstream = text_of(field(value, 0)),
      .method = text_of(field(value, 1)),
      .target = text_of(field(value, 2)),
      .headers = list_of<header_of>(field(value, 3)),
      .body = text_of(field(value, 4)),
      .timeout_ms = u32_of(field(value, 5)),
      .lines = u32_of(field(value, 6)),
      .once = boolean_of(field(value, 7)),
      .body_limit = u32_of(field(value, 8)),
      .workspace = text_of(field(value, 9)),
  };
}

WaitFor wait_of(const WasmValue& value) {
  return {
      .seen = list_of<check_of>(field(value, 0)),
      .until = UnixMillis{u64_of(field(value, 1))},
  };
}

Effect effect_of(const WasmValue& value) {
  const Case chosen = case_of(value);
  if (chosen.which == "get") return Get{list_of<text_of>(chosen.payload())};
  if (chosen.which == "scan") return range_of(chosen.payload());
  if (chosen.which == "commit") return commit_of(chosen.payload());
  if (chosen.which == "fetch") return outgoing_of(chosen.payload());
  if (chosen.which == "wait") return wait_of(chosen.payload());
  throw Malformed{"an effect"};
}

Passage passage_of(const WasmValue& value) {
  return {
      .redemption = text_of(field(value, 0)),
      .remove = list_of<text_of>(field(value, 1)),
      .add = list_of<header_of>(field(value, 2)),
      .bodiless = boolean_of(field(value, 3)),
      .respond = list_of<header_of>(field(value, 4)),
      .cors = list_of<header_of>(field(value, 5)),
      .good_for_ms = u32_of(field(value, 6)),
  };
}

WakeAt wake_at_of(const WasmValue& value) {
  return {text_of(item(value, 0)), UnixMillis{u64_of(item(value, 1))}};
}

Outcome outcome_of(const WasmValue& value) {
  return {
      .response = option_of<response_of>(field(value, 0)),
      .pass = option_of<passage_of>(field(value, 1)),
      .tasks = list_of<text_of>(field(value, 2)),
      .wake = list_of<wake_at_of>(field(value, 3)),
      .subscribe = option_of<outgoing_of>(field(value, 4)),
      .log = list_of<text_of>(field(value, 5)),
  };
}

}  // namespace

Step step_of(const WasmValue& value) {
  const Case chosen = case_of(value);
  if (chosen.which == "done") return outcome_of(chosen.payload());
  if (chosen.which == "ask") return Ask{u64_of(item(chosen.payload(), 0)), list_of<effect_of>(item(chosen.payload(), 1))};
  throw Malformed{"a step"};
}

}  // namespace lntpay::host
