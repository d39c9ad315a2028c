// Rotating, activating and retiring an endpoint's secrets, seen in the signatures of its webhooks.
#include "core/webhook/endpoint/endpoint.hpp"
#include "core/webhook/secret/signature.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::endpoint_secrets_test {
namespace {

using test::WebhookWorld;

/// An endpoint whose secrets are rotated, and which of them sign.
struct Rotating {
  WebhookWorld world;
  EndpointId id;
  std::vector<Secret> secrets;

  Rotating() {
    auto [endpoint, secret] = world.endpoint();
    id = endpoint.id;
    secrets.push_back(std::move(secret));
  }
  Endpoint rotate(Millis overlap = secret_overlap_default) {
    auto rotated = world.must([&](Context& cx) { return rotate_secret(cx, world.tenant, id, overlap); });
    secrets.push_back(std::move(rotated.secret));
    return std::move(rotated.endpoint);
  }
  /// "010 1": those that sign, oldest first, and the position of the one in the hex headers.
  std::string signing() {
    world.emit();
    world.deliver_all();
    const auto& request = world.sent.back();
    std::string all;
    std::string active;
    for (std::size_t i = 0; i < secrets.size(); ++i) {
      const auto text = secrets[i].reveal_text();
      all += verify_webhook(text, request.headers, request.body, world.now).has_value() ? '1' : '0';
      if (body_signature(text, request.body) == request.headers[5].value) active = std::to_string(i);
    }
    return all + " " + active;
  }
};

}  // namespace

TEST_CASE("a rotation keeps the former secrets for their overlap, and the active one active") {
  Rotating endpoint;
  CHECK(endpoint.signing() == "1 0");
  endpoint.rotate();
  CHECK(endpoint.signing() == "11 0");
  endpoint.world.now = endpoint.world.now + hours(24);
  CHECK(endpoint.signing() == "01 1");
  endpoint.rotate(minutes(10));
  endpoint.rotate(hours(1));
  const auto fifth = endpoint.world.run([&](Context& cx) { return rotate_secret(cx, endpoint.world.tenant, endpoint.id); });
  REQUIRE_FALSE(fifth.has_value());
  CHECK(fifth.error().code == ErrorCode::invalid_state);
  CHECK(endpoint.signing() == "0111 1");
  endpoint.world.now = endpoint.world.now + minutes(10);
  CHECK(endpoint.signing() == "0011 3");
}

TEST_CASE("the newest secret is activated, and any other retired, on request") {
  Rotating endpoint;
  const auto former = endpoint.rotate().secrets.back().id;
  endpoint.world.must([&](Context& cx) { return activate_secret(cx, endpoint.world.tenant, endpoint.id); });
  CHECK(endpoint.signing() == "11 1");
  const auto retire = [&](const std::string& secret) {
    return endpoint.world.run([&](Context& cx) { return retire_secret(cx, endpoint.world.tenant, endpoint.id, secret); });
  };
  CHECK(retire("sec_none").error().code == ErrorCode::not_found);
  const auto left = retire(former);
  REQUIRE(left.has_value());
  CHECK(endpoint.signing() == "01 1");
  CHECK(retire(left->secrets.front().id).error().code == ErrorCode::invalid_state);
}

TEST_CASE("retiring the active secret makes the newest active") {
  Rotating endpoint;
  const auto rotated = endpoint.rotate();
  CHECK(endpoint.signing() == "11 0");
  endpoint.world.must([&](Context& cx) { return retire_secret(cx, endpoint.world.tenant, endpoint.id, rotated.active_secret); });
  CHECK(endpoint.signing() == "01 1");
}

TEST_CASE("without the newest secret, the one before it signs without an end again") {
  Rotating endpoint;
  const auto newest = endpoint.rotate(minutes(10)).secrets.front().id;
  const auto left = endpoint.world.must([&](Context& cx) { return retire_secret(cx, endpoint.world.tenant, endpoint.id, newest); });
  CHECK(left.secrets.front().until == unix_millis_max);
  endpoint.world.now = endpoint.world.now + hours(1);
  CHECK(endpoint.signing() == "10 0");
}

}  // namespace lntpay::endpoint_secrets_test
