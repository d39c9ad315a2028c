// The types of wit/edge.wit as JSON, for the Emscripten module: the shapes that jco gives them in JavaScript, with u64 as decimal
// text.
//
//   input   {"tag":"http","val":{"method":…,"target":…,"headers":[["name","value"]],"body":…,"client":…}}
//   moment  {"nowMs":"1795872968395","entropy":["1","2","3","4"]}
//   step    {"tag":"ask","val":["7",[{"tag":"get","val":["key"]}]]} or {"tag":"done","val":{…}}
//   reply   {"tag":"entries","val":[{"key":…,"value":…,"version":"3"},null]}
//
// Only host-adapters/browser/emscripten-engine.mjs calls, so JSON of another shape is a bug of the build: it traps, as a wrong type
// would.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "edge/contract/contract.hpp"

namespace lntpay::component {

/// Decimal digits and nothing else.
std::uint64_t number_from(std::string_view digits);

Moment moment_from(const nlohmann::json& from);
Input input_from(const nlohmann::json& from);
Reply reply_from(const nlohmann::json& from);
std::vector<Reply> replies_from(const nlohmann::json& from);

nlohmann::json step_json(const Step& from);
/// As text; invalid UTF-8 is replaced.
std::string text_of(const Step& step);

}  // namespace lntpay::component
