// Every kind of input, reply and effect, as the JavaScript side writes and reads them.
#include "edge/component/json/contract_json.hpp"

#include <doctest/doctest.h>

namespace lntpay::component::contract_json_test {
namespace {

nlohmann::json read(const char* text) { return nlohmann::json::parse(text, nullptr, false); }

template <class Kind>
Kind input_as(const char* text) {
  auto input = input_from(read(text));
  auto* found = std::get_if<Kind>(&input);
  REQUIRE(found != nullptr);
  return std::move(*found);
}

}  // namespace

TEST_CASE("every kind of input is read") {
  const auto http = input_as<input::Http>(
      R"({"tag":"http","val":{"method":"POST","target":"/v1/charges?x","headers":[["a","1"],["a","2"]],"body":"{\"é\":0}","client":"::1"}})");
  CHECK(http.request.method == "POST");
  CHECK(http.request.target == "/v1/charges?x");
  CHECK(http.request.headers == std::vector<Header>{{"a", "1"}, {"a", "2"}});
  CHECK(http.request.body == "{\"é\":0}");
  CHECK(http.request.client == "::1");
  CHECK(input_as<input::Gate>(R"({"tag":"gate","val":{"method":"GET","target":"/","headers":[],"body":"","client":""}})")
            .request.target == "/");
  const auto redeemed = input_as<input::Redeemed>(
      R"({"tag":"redeemed","val":{"redemption":"rdm_1.2 GET - / -","status":302,"location":"/a","price":"21"}})");
  CHECK(redeemed.response.redemption == "rdm_1.2 GET - / -");
  CHECK(redeemed.response.status == 302);
  CHECK(redeemed.response.location == "/a");
  CHECK(redeemed.response.price == "21");
  CHECK(input_as<input::Refused>(R"({"tag":"refused","val":"malformed"})").why == Refusal::malformed);
  CHECK(input_as<input::Refused>(R"({"tag":"refused","val":"headers-too-large"})").why == Refusal::headers_too_large);
  CHECK(input_as<input::Refused>(R"({"tag":"refused","val":"engine-lost"})").why == Refusal::engine_lost);
  CHECK(input_as<input::Wake>(R"({"tag":"wake","val":"7Q"})").shard == "7Q");
  CHECK(input_as<input::Task>(R"({"tag":"task","val":"7Q/due/x"})").key == "7Q/due/x");
  CHECK(input_as<input::NodeEvents>(R"({"tag":"node-events","val":["a","b"]})").lines == std::vector<std::string>{"a", "b"});
  input_as<input::NodeStreamClosed>(R"({"tag":"node-stream-closed"})");
}

TEST_CASE("a moment has whole 64 bits") {
  const auto at = moment_from(read(R"({"nowMs":"1700000000000","entropy":["18446744073709551615","0","9007199254740993","1"]})"));
  CHECK(at.now.value == 1'700'000'000'000);
  CHECK(at.entropy == std::array<std::uint64_t, 4>{18'446'744'073'709'551'615U, 0, 9'007'199'254'740'993U, 1});
}

TEST_CASE("every kind of reply is read") {
  const auto replies = replies_from(read(R"([
    {"tag":"entries","val":[{"key":"k","value":"v","version":"9007199254740993"},null]},
    {"tag":"scanned","val":[{"key":"k","value":"","version":"1"}]},
    {"tag":"committed"},{"tag":"conflict"},{"tag":"unknown","val":"u"},{"tag":"failed","val":"f"},
    {"tag":"answered","val":{"status":200,"headers":[["date","now"]],"body":"b"}},
    {"tag":"broken","val":[{"status":206,"headers":[],"body":"half"},"cut"]},
    {"tag":"not-sent","val":"n"},{"tag":"no-answer","val":"a"},{"tag":"woken"},{"tag":"not-tried","val":"t"}])"));
  REQUIRE(replies.size() == 12);
  CHECK(std::get<Entries>(replies[0]).entries ==
        std::vector<std::optional<Entry>>{Entry{"k", "v", 9'007'199'254'740'993U}, std::nullopt});
  CHECK(std::get<Scanned>(replies[1]).entries == std::vector{Entry{"k", "", 1}});
  CHECK(std::holds_alternative<Committed>(replies[2]));
  CHECK(std::holds_alternative<Conflict>(replies[3]));
  CHECK(std::get<Unknown>(replies[4]).reason == "u");
  CHECK(std::get<Failed>(replies[5]).reason == "f");
  CHECK(std::get<Answered>(replies[6]).response == Response{200, {{"date", "now"}}, "b"});
  CHECK(std::get<Broken>(replies[7]).response == Response{206, {}, "half"});
  CHECK(std::get<Broken>(replies[7]).reason == "cut");
  CHECK(std::get<NotSent>(replies[8]).reason == "n");
  CHECK(std::get<NoAnswer>(replies[9]).reason == "a");
  CHECK(std::holds_alternative<Woken>(replies[10]));
  CHECK(std::get<NotTried>(replies[11]).reason == "t");
}

TEST_CASE("every kind of effect is written") {
  Ask ask{.session = 9'007'199'254'740'993U, .effects = {}};
  ask.effects.emplace_back(Get{{"a", "b"}});
  ask.effects.emplace_back(Range{"p", "q", 7, true});
  ask.effects.emplace_back(Commit{{{"a", 3}, {"b", std::nullopt}}, {Put{"a", "é"}, Delete{"b"}}});
  ask.effects.emplace_back(Outgoing{.upstream = "webhook",
                                    .method = "POST",
                                    .target = "https://a",
                                    .headers = {{"n", "v"}},
                                    .body = "b",
                                    .timeout_ms = 5,
                                    .lines = 1,
                                    .once = true,
                                    .body_limit = 9,
                                    .workspace = "w"});
  ask.effects.emplace_back(WaitFor{{{"a", 4}}, {1'700'000'000'000}});
  CHECK(read(text_of(ask).c_str()) == read(R"({"tag":"ask","val":["9007199254740993",[
    {"tag":"get","val":["a","b"]},
    {"tag":"scan","val":{"prefix":"p","after":"q","limit":7,"reverse":true}},
    {"tag":"commit","val":{"checks":[{"key":"a","version":"3"},{"key":"b"}],"ops":[{"tag":"put","val":["a","é"]},{"tag":"delete","val":"b"}]}},
    {"tag":"fetch","val":{"upstream":"webhook","method":"POST","target":"https://a","headers":[["n","v"]],"body":"b","timeoutMs":5,"lines":1,"once":true,"bodyLimit":9,"workspace":"w"}},
    {"tag":"wait","val":{"seen":[{"key":"a","version":"4"}],"untilMs":"1700000000000"}}]]})"));
}

TEST_CASE("an end is written with what it has, and nothing else") {
  CHECK(read(text_of(Outcome{}).c_str()) == read(R"({"tag":"done","val":{"tasks":[],"log":[],"wake":[]}})"));
  Outcome outcome;
  outcome.response = Response{200, {{"a", "b"}}, "text"};
  outcome.pass = Passage{.redemption = "rdm_1.1 GET - / -",
                         .remove = {"authorization"},
                         .add = {{"lntpay-reservation", "1"}},
                         .bodiless = true,
                         .respond = {{"payment-receipt", "r"}},
                         .cors = {},
                         .good_for_ms = 7};
  outcome.tasks = {"t"};
  outcome.wake = {{"7Q", {12}}};
  outcome.log = {"line"};
  outcome.subscribe = Outgoing{};
  const auto written = read(text_of(outcome).c_str())["val"];
  CHECK(written["response"] == read(R"({"status":200,"headers":[["a","b"]],"body":"text"})"));
  CHECK(written["pass"] == read(R"({"redemption":"rdm_1.1 GET - / -","remove":["authorization"],"add":[["lntpay-reservation","1"]],
    "bodiless":true,"respond":[["payment-receipt","r"]],"cors":[],"goodForMs":7})"));
  CHECK(written["tasks"] == read(R"(["t"])"));
  CHECK(written["wake"] == read(R"([["7Q","12"]])"));
  CHECK(written["log"] == read(R"(["line"])"));
  CHECK(written["subscribe"]["bodyLimit"] == 0);
}

}  // namespace lntpay::component::contract_json_test
