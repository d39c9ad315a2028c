// wit/edge.wit's types as JSON, for the Emscripten module: what jco makes of them for JavaScript, but that u64 is decimal text.
//
//   input   {"tag":"http","val":{"method":…,"target":…,"headers":[["name","value"]],"body":…,"client":…}}
//   moment  {"nowMs":"1795872968395","entropy":["1","2","3","4"]}
//   step    {"tag":"ask","val":["7",[{"tag":"get","val":["key"]}]]} or {"tag":"done","val":{…}}
//   reply   {"tag":"entries","val":[{"key":…,"value":…,"version":"3"},null]}
//
// The host is the engine's own, so JSON of another shape is a mistake of the build and ends the instance, as a wrong type would.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "edge/engine/contract.hpp"

namespace lntpay::component {

/// Decimal digits, all of them.
std::uint64_t number_from(std::string_view digits);

Moment moment_from(const nlohmann::json& from);
Input input_from(const nlohmann::json& from);
std::vector<Reply> replies_from(const nlohmann::json& from);

std::string text_of(const Step& step);

}  // namespace lntpay::component
