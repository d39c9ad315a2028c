// Pages: what their query may say, and cursors that are good in one place only.
#include "edge/http/page.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/base/encoding.hpp"

namespace lntpay::page_test {
namespace {

constexpr Field fields[] = {limit_field, cursor_field, order_field};

TenantScope tenant_of(Environment environment, char last) {
  return {environment, *WorkspaceId::parse("ws_Ab0123456789ABCDEFGHJKMNPQR" + std::string(1, last))};
}

const TenantScope ours = tenant_of(Environment::test, '1');
const ListPlace charges{ours, "/v1/charges"};
const std::string last_row = "Ab/test/ws/charge/ch_1";

Secret key() { return Secret::copy_of("a cursor key"); }

Result<Page> page_of(const ListPlace& place, const Query& query) {
  const auto body = validate_query(fields, query);
  if (!body) return std::unexpected(body.error());
  return read_page(key(), place, *body);
}

bool refused(const ListPlace& place, const Query& query) {
  const auto page = page_of(place, query);
  return !page && page.error().code == ErrorCode::invalid_request && page.error().param == "cursor";
}

}  // namespace

TEST_CASE("a page has the newest 20 by default") {
  const auto page = page_of(charges, {});
  CHECK(page->limit == 20);
  CHECK(page->reverse);
  CHECK(page->after_key.empty());
}

TEST_CASE("limit is 1 to 100, order asc or desc") {
  for (const auto* const limit : {"1", "100"}) CHECK(page_of(charges, {{"limit", limit}}).has_value());
  for (const auto* const limit : {"0", "101", "1000000000", "-1", "", "5.0"})
    CHECK(page_of(charges, {{"limit", limit}}).error().param == "limit");
  CHECK_FALSE(page_of(charges, {{"order", "asc"}})->reverse);
  CHECK(page_of(charges, {{"order", "up"}}).error().param == "order");
}

TEST_CASE("a cursor continues its list") {
  const auto cursor = write_cursor(key(), charges, last_row, true);
  CHECK(page_of(charges, {{"cursor", cursor}, {"limit", "7"}})->after_key == last_row);
  CHECK(page_of(charges, {{"cursor", write_cursor(key(), charges, last_row, false)}, {"order", "asc"}})->after_key == last_row);
}

TEST_CASE("a cursor is bound to list, workspace, environment, order and key") {
  const auto cursor = write_cursor(key(), charges, last_row, true);
  CHECK(refused({ours, "/v1/charges?status=paid"}, {{"cursor", cursor}}));
  CHECK(refused({tenant_of(Environment::test, '2'), "/v1/charges"}, {{"cursor", cursor}}));
  CHECK(refused({tenant_of(Environment::live, '1'), "/v1/charges"}, {{"cursor", cursor}}));
  CHECK(refused(charges, {{"cursor", cursor}, {"order", "asc"}}));
  CHECK(refused(charges, {{"cursor", write_cursor(Secret::copy_of("another"), charges, last_row, true)}}));
}

TEST_CASE("a forged cursor is refused, whatever its bytes") {
  const auto cursor = write_cursor(key(), charges, last_row, true);
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    auto forged = cursor;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    CHECK(refused(charges, {{"cursor", forged}}));
  }
  for (const auto* const text : {"x", "????", "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAA", "Ab/test/ws/charge/ch_1"}) {
    CHECK(refused(charges, {{"cursor", text}}));
  }
  CHECK(refused(charges, {{"cursor", cursor + "="}}));
  CHECK(refused(charges, {{"cursor", cursor.substr(0, cursor.size() - 1)}}));
}

TEST_CASE("a page carries its next cursor, or null at the end") {
  CHECK(page_json({"{\"a\":1}", "2"}, "abc") == R"({"data":[{"a":1},2],"has_more":true,"next_cursor":"abc"})");
  CHECK(page_json({}, "") == R"({"data":[],"has_more":false,"next_cursor":null})");
  const Listed<int> listed{.items = {1, 2}, .has_more = true, .last_key = last_row};
  const auto text = page_json(key(), charges, Page{}, listed, [](int n) { return std::to_string(n); });
  CHECK(text == "{\"data\":[1,2],\"has_more\":true,\"next_cursor\":\"" + write_cursor(key(), charges, last_row, true) + "\"}");
}

}  // namespace lntpay::page_test
