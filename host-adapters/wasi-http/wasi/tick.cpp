// Reads the list of shards page by page; the position is a volatile row.
#include "host-adapters/wasi-http/wasi/tick.hpp"

#include "core/charge/challenge_row.hpp"
#include "core/crypto/sha256.hpp"
#include "core/storage/shard.hpp"
#include "edge/http/answer.hpp"
#include "edge/http/request.hpp"
#include "host-adapters/wasi-http/wasi/wasi.hpp"
#include "host-adapters/wasi-http/wasi/wasi_due_work.hpp"

namespace lntpay::wasi_http {
namespace {

constexpr std::uint32_t page_rows = 64;
constexpr Millis tick_span = seconds(10);
constexpr Millis horizon = seconds(1);
constexpr std::string_view place_key = "~00/host/tick";
constexpr std::string_view shard_list = "00/shard/";

Response refused(ErrorCode code, std::string message, const std::string& request_id) {
  auto answer = error_answer(
      {.code = code, .message = std::move(message), .retry_after_s = code == ErrorCode::storage_unavailable ? 1U : 0U}, request_id);
  finish(answer, request_id);
  return answer;
}

}  // namespace

Response tick(Sessions& sessions, const ProxySettings& settings, const Request& request) {
  const auto at = moment();
  Random random(at.entropy);
  const auto request_id = RequestId::generate(Shard{}, at.now, random).text();
  if (request.method != "POST") {
    auto answer = refused(ErrorCode::method_not_allowed, "This path takes POST.", request_id);
    set_header(answer, "allow", "POST");
    return answer;
  }
  if (!constant_time_equal(sha256(bytes_of(bearer_token(request))), sha256(bytes_of(settings.operator_token)))) {
    return refused(ErrorCode::unauthenticated, "This route needs the operator's token. Send it as Authorization: Bearer …",
                   request_id);
  }

  const auto until = uptime() + tick_span;
  const auto found = sessions.perform(Get{{std::string(place_key)}});
  const auto* kept = std::get_if<Entries>(&found);
  std::string place = kept != nullptr && kept->entries.front() ? kept->entries.front()->value : std::string();
  DueWork due(sessions);
  // Among them the operator's.
  for (unsigned number = 0; number < challenge_shard_count; ++number) due.wake(std::string(Shard::number(number).text()), at.now);
  std::size_t shards = challenge_shard_count;
  do {
    const auto page = sessions.perform(Range{std::string(shard_list), place, page_rows, false});
    const auto* rows = std::get_if<Scanned>(&page);
    if (rows == nullptr) {
      const auto* failed = std::get_if<Failed>(&page);
      log_line("store: " + (failed != nullptr ? failed->reason : std::string("no rows")));
      return refused(ErrorCode::storage_unavailable, "", request_id);
    }
    for (const auto& row : rows->entries) due.wake(row.key.substr(shard_list.size()), at.now);
    shards += rows->entries.size();
    place = rows->entries.size() < page_rows ? std::string() : rows->entries.back().key;
    due.run(until, horizon);
  } while (!place.empty() && uptime() < until);
  sessions.perform(Commit{{}, {Put{std::string(place_key), place}}});

  auto answer = json_answer(200, "{\"shards\":" + std::to_string(shards) + ",\"tasks\":" + std::to_string(due.tasks_started()) +
                                     ",\"more\":" + (place.empty() && !due.has_more() ? "false" : "true") + "}");
  finish(answer, request_id);
  return answer;
}

}  // namespace lntpay::wasi_http
