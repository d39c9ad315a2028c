// The strict JSON reader: values, rejections, and the cost of hostile input.
#include "core/base/json_reader.hpp"

#include <doctest/doctest.h>

#include <string>

namespace lntpay::json_reader_test {
namespace {

std::string repeat(std::string_view part, std::size_t times) {
  std::string out;
  out.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

bool refused(std::string_view text) {
  const auto json = read_json(text);
  return !json && json.error().code == ErrorCode::invalid_request;
}

std::string why(std::string_view text) {
  const auto json = read_json(text);
  return json ? "read" : json.error().message;
}

std::string members(std::size_t count) {
  std::string text = "{";
  for (std::size_t i = 0; i < count; ++i) text.append(i == 0 ? "\"" : ",\"").append(std::to_string(i)).append("\":1");
  return text + "}";
}

}  // namespace

TEST_CASE("members of a JSON object keep their order") {
  const auto json = read_json(R"( {"a": "x\n\u00e9\ud83d\ude00", "b": [true, null, {}], "c": -1.50} )");
  REQUIRE(json.has_value());
  REQUIRE(json->members.size() == 3);
  CHECK(json->members[1].name == "b");
  CHECK(json->find("a")->text == "x\né😀");
  CHECK(json->find("b")->items.size() == 3);
  CHECK(json->find("b")->items[0].flag);
  CHECK(json->find("c")->text == "-1.50");
  CHECK(json->find("d") == nullptr);
}

TEST_CASE("objects, arrays and numbers keep their exact source text") {
  const auto json = read_json("{\"m\": { \"k\" :[ 1,2.0 ] } ,\"n\":[],\"o\":{}, \"x\":12 , \"y\":3}");
  REQUIRE(json.has_value());
  CHECK(json->find("m")->text == "{ \"k\" :[ 1,2.0 ] }");
  CHECK(json->find("m")->find("k")->text == "[ 1,2.0 ]");
  CHECK(json->find("m")->find("k")->items[1].text == "2.0");
  CHECK(json->find("n")->text == "[]");
  CHECK(json->find("o")->text == "{}");
  CHECK(json->find("x")->text == "12");
  CHECK(json->find("y")->text == "3");
  CHECK(read_json("17")->text == "17");
  CHECK(read_json("17 ")->text == "17");
}

TEST_CASE("a whole number has only digits") {
  for (const auto* const text : {"0", "7", "18446744073709551615"}) CHECK(read_json(text)->whole().has_value());
  for (const auto* const text : {"-1", "-0", "1.0", "1e3", "1E0", "18446744073709551616", "\"1\"", "true", "null", "[1]"}) {
    CAPTURE(text);
    CHECK_FALSE(read_json(text)->whole().has_value());
  }
}

TEST_CASE("invalid JSON is rejected") {
  for (const auto* const text :
       {"",       " ",       "{",       "}",     "[1,]", "{\"a\":1,}", "{a:1}",    "{'a':1}", "01",
        "+1",     "1.",      ".5",      "1.5.5", "1-1",  "NaN",        "Infinity", "nul",     "\"a",
        "\"\t\"", "\"\\x\"", "// c\n1", "1e999", "--1",  "1 2",        "{} {}",    "{}x",     "\"\\u12\""}) {
    CAPTURE(text);
    CHECK(refused(text));
  }
  CHECK(why("{\"a\":}") == "The JSON is not acceptable: it is not valid, at byte 6.");
  CHECK(why("{\"a\":") == "The JSON is not acceptable: it is incomplete, at byte 6.");
}

TEST_CASE("lone surrogates, U+0000, bad UTF-8 and a byte order mark are rejected") {
  for (const auto* const text : {R"("\ud800")", R"("\udc00")", R"("\ud800x")", R"("\ud800\u0041")", R"("\u0000")",
                                 R"({"\u0000":1})", "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\xef\xbb\xbf{}"}) {
    CAPTURE(text);
    CHECK(refused(text));
  }
  CHECK(refused(std::string_view("\"\0\"", 3)));
  CHECK(refused(std::string_view("{}\0", 3)));
}

TEST_CASE("a duplicate member is rejected at every level, also when escaped") {
  CHECK(refused(R"({"a":1,"a":2})"));
  CHECK(refused(R"({"a":1,"b":2,"\u0061":3})"));
  CHECK(refused(R"({"x":{"a":1,"a":1}})"));
  CHECK(read_json(R"({"x":{"a":1},"y":{"a":1}})").has_value());
}

TEST_CASE("depth is at most 32") {
  for (const std::size_t depth : {31U, 32U}) CHECK(read_json(repeat("[", depth) + repeat("]", depth)).has_value());
  CHECK(why(repeat("[", 33) + repeat("]", 33)) == "The JSON is not acceptable: it is nested deeper than 32, at byte 33.");
  CHECK(refused(repeat("{\"a\":", 32) + "{}" + repeat("}", 32)));
  CHECK(refused(repeat("[", 100'000)));
  CHECK(refused(repeat("{\"a\":", 50'000)));
}

TEST_CASE("members and items are at most 1,000 in all") {
  CHECK(read_json(members(1'000)).has_value());
  CHECK(refused(members(1'001)));
  CHECK(refused(members(20'000)));
  CHECK(read_json("[0" + repeat(",0", 999) + "]").has_value());
  CHECK(refused("[0" + repeat(",0", 1'000) + "]"));
  CHECK(refused("[" + members(500) + "," + members(500) + "]"));
}

TEST_CASE("values below the kept depth are checked, but neither kept nor counted") {
  const auto many = "[{\"b\":" + members(2'000) + "}" + repeat(",[7]", 2'000) + "]";
  const auto json = read_json(R"({"a":{"n":"1","deep":)" + many + R"(,"m":2},"z":[1,[2]]})", 2);
  REQUIRE(json.has_value());
  CHECK(json->find("a")->find("n")->text == "1");
  CHECK(json->find("a")->find("deep")->kind == Json::Kind::array);
  CHECK(json->find("a")->find("deep")->items.empty());
  CHECK(json->find("a")->find("m")->whole() == 2);
  CHECK(json->find("z")->items.size() == 2);
  CHECK(json->find("z")->items[1].items.empty());
  CHECK_FALSE(read_json("{\"a\":{\"deep\":" + many + "}}").has_value());
  for (const auto* const deep : {"[1,]", "{\"x\"}", "[\"\\u0000\"]", "[1e999]", "[1", "[}"}) {
    CAPTURE(deep);
    CHECK_FALSE(read_json("{\"a\":" + std::string(deep) + "}", 1).has_value());
  }
  CHECK_FALSE(read_json(repeat("[", 33) + repeat("]", 33), 1).has_value());
  CHECK(read_json(repeat("[", 32) + repeat("]", 32), 1).has_value());
  CHECK(read_json("[1]", 0)->items.empty());
}

TEST_CASE("a number beyond a double is rejected with one message on every host") {
  for (const auto* const text : {"1e200", "1E+200", "1e0000200", "1e-9999", "9.9e-400", "0e0"}) {
    CAPTURE(text);
    CHECK(read_json(text).has_value());
  }
  for (const auto* const text : {"1e201", "1e309", "-1E+999", "1e99999999999999999999"}) {
    CAPTURE(text);
    CHECK(why(text).starts_with("The JSON is not acceptable: a number is out of range, at byte "));
  }
  CHECK(why("[" + repeat("9", 400) + "]").starts_with("The JSON is not acceptable: a number has more than 40 characters"));
}

TEST_CASE("a number has at most 40 characters") {
  CHECK(read_json("0." + repeat("1", 38)).has_value());
  CHECK(refused("0." + repeat("1", 39)));
  CHECK(refused(repeat("9", 200 * 1024)));
  CHECK(refused("[" + repeat("9", 200 * 1024) + "]"));
}

}  // namespace lntpay::json_reader_test
