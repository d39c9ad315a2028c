// Headers that an endpoint's owner adds.
#include "core/webhook/endpoint/custom_headers.hpp"

#include "core/webhook/attempt/deliver.hpp"
#include "core/webhook/egress/egress.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::custom_headers_test {
namespace {

const std::vector<SealKey>& keys() {
  static const std::vector<SealKey> ring = [] {
    std::vector<SealKey> made;
    made.emplace_back("k1", Bytes32{7});
    return made;
  }();
  return ring;
}

std::string refusal(const std::string& json) {
  const auto sealed = seal_headers(json, keys(), "row");
  return sealed ? "accepted" : sealed.error().message;
}

}  // namespace

TEST_CASE("values are sealed for their endpoint and name, and names are lower case") {
  const auto sealed = seal_headers(R"({"X-Api-Key":"k 1","authorization":"Bearer t"})", keys(), "row");
  REQUIRE(sealed.has_value());
  REQUIRE(sealed->size() == 2);
  CHECK(sealed->front().name == "x-api-key");
  CHECK(sealed->front().text().find("k 1") == std::string::npos);
  CHECK(CustomHeader::parse(sealed->front().text())->sealed == sealed->front().sealed);
  const auto opened = open_headers(*sealed, keys(), "row");
  REQUIRE(opened.has_value());
  CHECK(opened->front().value == "k 1");
  CHECK(opened->back().value == "Bearer t");
  CHECK_FALSE(open_headers(*sealed, keys(), "another row").has_value());
}

TEST_CASE("headers that LNTPay or HTTP sets are refused") {
  for (const auto* name : {"Content-Type", "webhook-id", "Webhook-Anything", "X-Signature", "x-lntpay-signature", "Host",
                           "Content-Length", "Transfer-Encoding", "Connection", "user-agent", "Proxy-Authorization", "TE"}) {
    CAPTURE(name);
    CHECK(refusal(std::string("{\"") + name + "\":\"v\"}").ends_with("is reserved. Choose another name."));
  }
}

TEST_CASE("what is not a header is refused") {
  CHECK(refusal(R"({"a":"v","A":"w"})") == "headers has a twice.");
  for (const auto* json : {R"({"":"v"})", R"({"a b":"v"})", R"({"a:":"v"})", R"({"ä":"v"})"})
    CHECK(refusal(json) == "headers has a name that is not a header name of at most 64 characters.");
  for (const auto* json : {R"({"a":""})", R"({"a":" v"})", R"({"a":"v\r\nb: c"})", R"({"a":"ä"})", R"({"a":1})", R"({"a":null})"})
    CHECK(refusal(json) == "The value of a must be text of 1 to 1,024 visible ASCII characters and spaces.");
  CHECK(refusal(R"({"a":")" + std::string(1'024, 'v') + R"("})") == "accepted");
  CHECK(refusal(R"({"a":")" + std::string(1'025, 'v') + R"("})") != "accepted");
  std::string many = "{";
  for (int i = 0; i < 11; ++i) many += (i > 0 ? ",\"h" : "\"h") + std::to_string(i) + "\":\"v\"";
  CHECK(refusal(many + "}") == "headers has more than 10 members.");
}

TEST_CASE("an endpoint's headers are sent, and shown by name only") {
  test::WebhookWorld world;
  const auto id = world.endpoint({.headers = R"({"X-Api-Key":"s3cret"})"}).endpoint.id;
  world.emit();
  world.deliver_all();
  REQUIRE(world.sent.size() == 1);
  const auto at = std::ranges::find(world.sent.front().headers, "x-api-key", &Header::name);
  REQUIRE(at != world.sent.front().headers.end());
  CHECK(at->value == "s3cret");
  const auto json = endpoint_json(world.read_endpoint(id), world.tenant, world.now);
  CHECK(json.find(R"("header_names":["x-api-key"])") != std::string::npos);
  CHECK(json.find("s3cret") == std::string::npos);
  world.must([&](Context& cx) { return change_endpoint(cx, world.tenant, id, {.sending = {.headers = "{}"}}); });
  world.emit();
  world.deliver_all();
  CHECK_FALSE(std::ranges::contains(world.sent.back().headers, "x-api-key", &Header::name));
}

TEST_CASE("a url of another origin gets no headers that were set for the former one") {
  test::WebhookWorld world;
  const auto id = world.endpoint({.headers = R"({"X-Api-Key":"s3cret"})"}).endpoint.id;
  const auto url = world.read_endpoint(id).url;
  const auto change = [&](EndpointChange asked) {
    return world.run([&](Context& cx) { return change_endpoint(cx, world.tenant, id, std::move(asked)); });
  };
  const auto refused = change({.url = "https://attacker.example.com/hook"});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::invalid_request);
  CHECK(refused.error().param == "headers");
  CHECK(world.read_endpoint(id).url == url);
  CHECK(change({.url = origin_of(url) + "/elsewhere"}).value().headers.size() == 1);
  CHECK(change({.url = "https://other.example.com/hook", .sending = {.headers = R"({"x-api-key":"another"})"}}).has_value());
  CHECK(change({.url = "https://third.example.com/hook", .sending = {.headers = "{}"}}).value().headers.empty());
  CHECK(change({.url = "https://fourth.example.com/hook"}).has_value());  // nothing to lose
}

}  // namespace lntpay::custom_headers_test
