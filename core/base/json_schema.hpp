// JSON Schemas (https://json-schema.org/draft/2020-12/schema) of described objects, from the fields that their descriptions yield.
//
//   json_schema({}, note_object.fields(), Extras::optional)
//     == R"({"type":"object","properties":{"subject":{"type":"string","minLength":1},…},"required":["subject","read_at"]})"
//
// A member with one possible value has it as `const`. A schema leaves additional members open: a later version may add some. Texts,
// patterns and ranges are those of `Field`.
#pragma once
#include <string>

#include "core/base/field.hpp"
#include "core/base/json.hpp"

namespace lntpay {

/// Members that only some responses have (Field::only_when_given). In objects within an object they are always left out.
enum class Extras : std::uint8_t { optional, left_out };

/// `head`: keywords that the schema begins with, such as a title.
std::string json_schema(JsonObject head, Schema fields, Extras extras);

}  // namespace lntpay
