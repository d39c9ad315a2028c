// Tables of fields: what passes, and the sentence that a mistake gets.
#include "edge/http/schema.hpp"

#include <doctest/doctest.h>

#include <string>

namespace lntpay::schema_test {
namespace {

constexpr std::string_view colours[] = {"red", "green", "blue"};

constexpr Field fields[] = {
    {.name = "amount_sats", .type = FieldType::sats, .description = "An amount.", .required = true},
    {.name = "amount_msat", .type = FieldType::msats, .description = "An amount."},
    {.name = "max_fee_sats", .type = FieldType::sats, .description = "A fee limit.", .min = 0},
    {.name = "note", .type = FieldType::text, .description = "A text.", .max = 8},
    {.name = "wait", .type = FieldType::integer, .description = "Seconds.", .min = 0, .max = 25},
    {.name = "live", .type = FieldType::boolean, .description = "A flag."},
    {.name = "metadata", .type = FieldType::object, .description = "Yours.", .max = 20},
    {.name = "colour", .type = FieldType::one_of, .description = "A colour.", .names = colours},
    {.name = "colours", .type = FieldType::names, .description = "Colours.", .names = colours},
    {.name = "url", .type = FieldType::url, .description = "Where to."},
    {.name = "hash", .type = FieldType::hex32, .description = "A hash."},
    {.name = "at", .type = FieldType::time, .description = "When."},
};

std::string with(std::string_view members) { return R"({"amount_sats":1,)" + std::string(members) + "}"; }

/// "param: sentence", or "good".
std::string verdict(std::string_view body) {
  const auto read = validate(fields, body);
  if (read) return "good";
  return (read.error().code == ErrorCode::invalid_request ? "" : "not invalid_request ") + read.error().param + ": " +
         read.error().message;
}

std::string query_verdict(const Query& query) {
  const auto read = validate_query(fields, query);
  return read ? "good" : read.error().param + ": " + read.error().message;
}

}  // namespace

TEST_CASE("a valid body yields typed values") {
  const auto body = validate(
      fields, R"({"amount_sats":21,"amount_msat":1,"max_fee_sats":0,"note":"tea","wait":0,"live":false,"metadata":{ "a":1 },
    "colour":"red","colours":["blue","red"],"url":"https://a.example/x",
    "hash":"00000000000000000000000000000000000000000000000000000000000000ff",
    "at":"2026-02-03T04:05:06Z"})");
  REQUIRE(body.has_value());
  CHECK(body->sats("amount_sats") == 21_sat);
  CHECK(body->msats("amount_msat") == 1_msat);
  CHECK(body->sats("max_fee_sats") == 0_sat);
  CHECK(body->text("note") == "tea");
  CHECK(body->integer("wait") == 0);
  CHECK(body->flag("live") == false);
  CHECK(body->object("metadata") == "{ \"a\":1 }");
  CHECK(body->text("colour") == "red");
  CHECK(body->names("colours") == std::vector<std::string>{"blue", "red"});
  CHECK(body->time("at")->value == 1'770'091'506'000);
}

TEST_CASE("a missing or null field is absent") {
  const auto body = validate(fields, with(R"("note":null)"));
  REQUIRE(body.has_value());
  CHECK_FALSE(body->has("note"));
  CHECK_FALSE(body->text("note").has_value());
  CHECK_FALSE(body->flag("live").has_value());
  CHECK(body->names("colours").empty());
}

TEST_CASE("an unknown field is refused by name, with the allowed names") {
  constexpr Field few[] = {{.name = "a", .type = FieldType::text, .description = "A."},
                           {.name = "b", .type = FieldType::text, .description = "B."}};
  const auto body = validate(few, R"({"amout":1})");
  REQUIRE_FALSE(body.has_value());
  CHECK(body.error().message == "There is no field \"amout\" here. Allowed: a, b.");
  CHECK(body.error().param == "amout");
  CHECK(validate({}, R"({"x":1})").error().message == "There is no field \"x\" here. This request takes none.");
  CHECK(validate({}, "{\"" + std::string(63, 'x') + "ééé\":1}").error().param == std::string(63, 'x') + "…");
  CHECK(validate({}, "").has_value());
}

TEST_CASE("a missing required field is refused") {
  CHECK(verdict("{}") == "amount_sats: amount_sats is required.");
  CHECK(verdict("") == "amount_sats: amount_sats is required.");
  CHECK(verdict(R"({"amount_sats":null})") == "amount_sats: amount_sats is required.");
}

TEST_CASE("a body that is no object is refused") {
  for (const auto* const body : {"[]", "1", "\"a\"", "null", "{", "{}{}"}) CHECK(verdict(body) != "good");
}

TEST_CASE("an amount is digits only, not 0 and at most 21 million bitcoin") {
  for (const auto* const amount : {"1", "2100000000000000"})
    CHECK(verdict(R"({"amount_sats":)" + std::string(amount) + "}") == "good");
  for (const auto* const amount :
       {"0", "2100000000000001", "-1", "-0", "1.0", "1e3", "\"1\"", "true", "[]", "{}", "18446744073709551617"}) {
    CAPTURE(amount);
    CHECK(verdict(R"({"amount_sats":)" + std::string(amount) + "}") ==
          "amount_sats: amount_sats must be a whole number of satoshi from 1 to 2100000000000000.");
  }
  CHECK(verdict(with(R"("max_fee_sats":0)")) == "good");
}

TEST_CASE("types, lengths and ranges are checked; the error names what is allowed") {
  CHECK(verdict(with(R"("note":"12345678")")) == "good");
  CHECK(verdict(with(R"("note":"123456789")")) == "note: note must be a text of 1 to 8 bytes.");
  CHECK(verdict(with(R"("note":"ééééé")")) == "note: note must be a text of 1 to 8 bytes.");
  CHECK(verdict(with(R"("note":"")")) == "note: note must be a text of 1 to 8 bytes.");
  CHECK(verdict(with(R"("note":1)")) == "note: note must be a text of 1 to 8 bytes.");
  CHECK(verdict(with(R"("wait":25)")) == "good");
  CHECK(verdict(with(R"("wait":26)")) == "wait: wait must be a whole number from 0 to 25.");
  CHECK(verdict(with(R"("live":"true")")) == "live: live must be true or false.");
  CHECK(verdict(with(R"("live":1)")) == "live: live must be true or false.");
  CHECK(verdict(with(R"("metadata":[])")) == "metadata: metadata must be an object.");
  CHECK(verdict(with(R"("metadata":{"a":"0123456789012"})")) == "metadata: metadata must be an object of at most 20 bytes.");
  CHECK(verdict(with(R"("colour":"pink")")) == "colour: colour must be one of: red, green, blue.");
  CHECK(verdict(with(R"("colours":["red","pink"])")) == "colours: colours must be a list of: red, green, blue.");
  CHECK(verdict(with(R"("colours":"red")")) == "colours: colours must be a list of: red, green, blue.");
  CHECK(verdict(with(R"("colours":[])")) == "colours: colours must be a list of 1 to 3.");
  CHECK(verdict(with(R"("colours":["red","red"])")) == "colours: colours must be a list without duplicates.");
  CHECK(verdict(with(R"("hash":"00")")) == "hash: hash must be 64 lower-case hex digits.");
  CHECK(verdict(with(R"("at":"yesterday")")) == "at: at must be a time such as 2026-02-03T04:05:06Z.");
  for (const auto* const url : {"ftp://a", "https://", "https:///x", "//a", "https://a b", "javascript:alert(1)", "https://a\\b"}) {
    CAPTURE(url);
    CHECK(verdict(with("\"url\":\"" + std::string(url == std::string_view("https://a\\b") ? "https://a\\\\b" : url) + "\"")) ==
          "url: url must be an http or https URL of at most 2048 bytes.");
  }
}

TEST_CASE("query parameters are checked like body fields") {
  const auto query =
      validate_query(fields, {{"amount_sats", "5"}, {"live", "true"}, {"colours", "red,blue"}, {"at", "2026-02-03T04:05:06Z"}});
  REQUIRE(query.has_value());
  CHECK(query->sats("amount_sats") == 5_sat);
  CHECK(query->flag("live") == true);
  CHECK(query->names("colours") == std::vector<std::string>{"red", "blue"});
  CHECK(query_verdict({{"amount_sats", "1"}, {"wait", "25"}}) == "good");
  for (const auto* const wait : {"", "26", "-1", "+1", "1.0", "1e1", "01", "0x1", " 1", "1000000000"}) {
    CAPTURE(wait);
    CHECK(query_verdict({{"amount_sats", "1"}, {"wait", wait}}) == "wait: wait must be a whole number from 0 to 25.");
  }
  CHECK(query_verdict({{"amount_sats", "1"}, {"live", "1"}}) == "live: live must be true or false.");
  CHECK(query_verdict({{"amount_sats", "1"}, {"colours", "red,"}}) == "colours: colours must be a list of: red, green, blue.");
  CHECK(query_verdict({{"amount_sats", "1"}, {"metadata", "{}"}}) == "metadata: metadata must be written as metadata[name]=value.");
  CHECK(validate_query({}, {{"x", "1"}}).error().message == "There is no parameter \"x\" here. This request takes none.");
}

}  // namespace lntpay::schema_test
