// The order of the checks; the acceptance as a request to an engine in this process.
#include "host-adapters/server/serve/store_opening.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <variant>

#include "core/base/overload.hpp"
#include "host-adapters/common/native_instance.hpp"
#include "host-adapters/server/ops/moments.hpp"
#include "host-adapters/server/ops/store_format.hpp"
#include "host-adapters/stores/volatile_store.hpp"

namespace lntpay::host {
namespace {

SqliteOptions sqlite_options(const ServeOptions& options, const HostSecrets& secrets) {
  SqliteOptions made{.mark = store_mark_of(options).string(), .owner = secrets.fingerprint()};
  if (secrets.store_made) made.known_by = (options.data / "secrets.json").string();
  return made;
}

Reply store_reply(Store& store, const Effect& effect) {
  return std::visit(Overload{
                        [&](const Get& asked) { return store.get(asked); },
                        [&](const Range& asked) { return store.scan(asked); },
                        [&](const Commit& asked) { return store.commit(asked); },
                        [](const auto&) -> Reply { return Failed{"the server is not running"}; },
                    },
                    effect);
}

constexpr int steps_max = 1'000;

/// Performs a request of the operator on a store without a server: in one batch, and without the network.
std::expected<Response, std::string> perform_offline(Store& store, Instance& engine, Request request) {
  Moments moments;
  store.begin_batch();
  auto step = engine.begin(moments.next(), input::Http{std::move(request)});
  for (int i = 0; step && i < steps_max; ++i) {
    auto* asked = std::get_if<Ask>(&*step);
    if (asked == nullptr) break;
    std::vector<Reply> replies;
    for (const auto& effect : asked->effects) replies.push_back(store_reply(store, effect));
    step = engine.resume(asked->session, moments.next(), std::move(replies));
  }
  if (store.end_batch() == Store::BatchEnd::lost) return std::unexpected("the store could not be written");
  if (!step) return std::unexpected("engine: " + step.error().reason);
  auto* outcome = std::get_if<Outcome>(&*step);
  if (outcome == nullptr || !outcome->response) return std::unexpected("the engine gave no response");
  return *std::move(outcome->response);
}

/// For the audit trail, before the operator's evidence.
std::string audit_note(const StoreFound& found) {
  auto note = "store accepted at batch " + std::to_string(found.batch);
  if (found.mark_state == MarkState::readable) note += ", its mark was at batch " + std::to_string(found.mark.batch);
  return note;
}

}  // namespace

std::expected<std::unique_ptr<SqliteStore>, std::string> open_sqlite(const ServeOptions& options, const HostSecrets& secrets,
                                                                     const Log& log) try {
  auto how = sqlite_options(options, secrets);
  how.report = [&log](const std::string& why) { log.error("store_failed", {{"reason", why}}); };
  auto store = std::make_unique<SqliteStore>(database_of(options).string(), how);
  if (store->recovered()) log.warn("store_recovered", {{"check", "integrity check passed"}});
  const auto& found = store->found();
  if (found.mark_state == MarkState::missing && found.batch > 0) {
    log.warn("store_mark_created",
             {{"path", how.mark}, {"detail", "it was missing, so an older store would not have been noticed"}});
  }
  if (found.standing == Standing::unverified)
    log.warn("store_mark_outdated", {{"path", how.mark}, {"detail", "it is older than the last 1,000 openings of the store"}});
  if (auto known = expect_rows_format(*store, options.data.string()); !known) return std::unexpected(known.error());
  if (!secrets.store_made) {
    if (const auto recorded = record_store_made(options.data); !recorded) {
      log.warn("secrets_not_updated",
               {{"reason", recorded.error()}, {"detail", "a missing database would be taken for a first start"}});
    }
  }
  return store;
} catch (const std::exception& failed) {
  return std::unexpected(std::string(failed.what()));
}

std::expected<Acceptance, std::string> accept_store(const ServeOptions& options, const HostSecrets& secrets, Opens opens,
                                                    const std::string& evidence) try {
  auto how = sqlite_options(options, secrets);
  how.opens = opens;
  auto opened = std::make_unique<SqliteStore>(database_of(options).string(), how);
  auto& sqlite = *opened;
  if (auto known = expect_rows_format(sqlite, options.data.string()); !known) return std::unexpected(known.error());
  VolatileStore store(std::move(opened));
  auto engine = native_instances(engine_config(options, secrets, RateLimit{}, "http://localhost"))();
  if (!engine) return std::unexpected("engine: " + engine.error());
  const nlohmann::json body{{"evidence", audit_note(sqlite.found()) + ": " + evidence}};
  const auto response = perform_offline(store, **engine,
                                        {.method = "POST",
                                         .target = "/v1/admin/node/restored?environment=live",
                                         .headers = {{"authorization", "Bearer " + secrets.operator_token},
                                                     {"content-type", "application/json"},
                                                     {"host", "localhost"}},
                                         .body = body.dump(),
                                         .client = "127.0.0.1"});
  if (!response) return std::unexpected(response.error());
  const auto answer = nlohmann::json::parse(response->body, nullptr, false);
  if (response->status < 200 || response->status > 299 || !answer.is_object())
    return std::unexpected("the restore could not be recorded: " + std::to_string(response->status) + " " + response->body);
  sqlite.accept();
  return Acceptance{sqlite.found(), answer.value("restores", std::uint64_t{0})};
} catch (const std::exception& failed) {
  return std::unexpected(std::string(failed.what()));
}

}  // namespace lntpay::host
