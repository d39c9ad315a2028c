// Damage of a store's file: bytes flipped in the file or in one row, and the file cut off. Each is refused, found by the store's
// check, or harmless: the server answers requests and runs due work, and a balance that has changed never verifies as good.
//
// LNTPAY_FLIPS=n: the number of cases; LNTPAY_SEED=n: the first one. Case n depends on n only.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <stdexcept>
#include <string>

#include "core/storage/rows_format.hpp"
#include "host-adapters/common/native_instance.hpp"
#include "host-adapters/server/cli/store_check.hpp"
#include "host-adapters/server/engine/sessions.hpp"
#include "host-adapters/server/engine/wasm/wasm_instance.hpp"
#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "tests/support/host/temp_folder.hpp"
#include "tests/support/host/wasm_in_tests.hpp"
#include "tests/support/store_story.hpp"

namespace lntpay::test {
namespace {

using host::SqliteStore;

constexpr std::size_t cases_default = 200;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? otherwise : std::stoull(text);
}

/// All durable rows of a world, as a store's file.
void write_store(const World& world, const std::string& path) {
  SqliteStore store{path};
  store.begin_batch();
  const auto put = [&store](const std::string& key, const std::string& value) {
    REQUIRE(std::holds_alternative<Committed>(store.commit({{}, {Put{key, value}}})));
  };
  put(std::string(rows_format_key), std::to_string(rows_format));
  for (const auto& [key, row] : world.store.rows()) {
    if (!key.starts_with('~')) put(key, row.value);
  }
  REQUIRE(store.end_batch() == host::Store::BatchEnd::durable);
}

/// The instances of `lntpay serve`: of the component, or native ones where it cannot run.
host::MakeInstance served_instances() {
  const char* named = std::getenv("LNTPAY_COMPONENT");  // NOLINT(concurrency-mt-unsafe)
  const std::filesystem::path component = named != nullptr ? named : "build/lntpay.wasm";
  if (!host::testing::wasm_can_run() || !std::filesystem::exists(component)) return host::native_instances(StoreStory::config());
  static const auto engine = host::WasmEngine::load(component, std::filesystem::temp_directory_path(), {});
  REQUIRE_MESSAGE(engine.has_value(), (engine ? std::string() : engine.error()));
  return host::wasm_instances(*engine, StoreStory::config());
}

/// An instance that lives this much later.
class LaterInstance final : public host::Instance {
 public:
  LaterInstance(std::unique_ptr<Instance> of, Millis by) : of_(std::move(of)), by_(by) {}
  std::expected<Step, host::Trap> begin(const Moment& at, Input input) override { return of_->begin(later(at), std::move(input)); }
  std::expected<Step, host::Trap> resume(std::uint64_t session, const Moment& at, std::vector<Reply> replies) override {
    return of_->resume(session, later(at), std::move(replies));
  }
  std::expected<void, host::Trap> abandon(std::uint64_t session) override { return of_->abandon(session); }

 private:
  [[nodiscard]] Moment later(const Moment& at) const { return {at.now + by_, at.entropy}; }

  std::unique_ptr<Instance> of_;
  Millis by_;
};

/// The sessions of `lntpay serve` over the file, an hour after the story; webhooks get 200.
class Server {
 public:
  /// Throws std::runtime_error.
  Server(const std::string& path, const StoreStory& story)
      : store_{path},
        key_{story.test_key},
        sessions_{store_,  instances(story.now + hours(1) - host::unix_now()), host::Isolation::shared, {.slice = never}, log_,
                  metrics_} {
    REQUIRE(sessions_.prepare().has_value());
  }

  Reading get(const std::string& target) {
    Response response;
    sessions_.begin(1, input::Http{{"GET", target, {{"authorization", "Bearer " + key_}}, {}, "192.0.2.1"}},
                    [&response](Outcome outcome) { response = outcome.response.value_or(Response{}); });
    end_batches();
    return {std::move(response)};
  }

  /// Runs the due work of all shards, a few rounds.
  void work() {
    for (int round = 0; round < 5; ++round) {
      sessions_.wake_all_shards();
      while (sessions_.begin_background()) {
      }
      end_batches();
    }
  }

  [[nodiscard]] std::uint64_t traps() const { return metrics_.instances_lost.value(); }
  [[nodiscard]] std::uint64_t rows_damaged() const { return metrics_.rows_damaged.value(); }

 private:
  static constexpr std::chrono::hours never{1'000};

  static host::MakeInstance instances(Millis later) {
    return [make = served_instances(), later]() -> std::expected<std::unique_ptr<host::Instance>, std::string> {
      return make().transform([later](auto instance) -> std::unique_ptr<host::Instance> {
        return std::make_unique<LaterInstance>(std::move(instance), later);
      });
    };
  }

  void end_batches() {
    for (auto released = sessions_.end_batch();; released = sessions_.end_batch()) {
      for (auto& each : released.answers) each.answer(std::move(each.outcome));
      if (released.fetches.empty()) return;
      for (const auto& each : released.fetches) sessions_.reply(each.from, Answered{{200, {}, "ok"}});
    }
  }

  SqliteStore store_;
  std::string key_;
  host::Log log_{host::LogLevel::off};
  host::Metrics metrics_;
  host::Sessions sessions_;
};

/// What clients read about the workspace's money; "" where it was refused.
struct Money {
  std::string balance;
  std::string entries;
  bool verifies = false;

  explicit Money(Server& server) {
    if (const auto read = server.get("/v1/balance"); read.status() == 200) balance = read.body();
    if (const auto read = server.get("/v1/ledger/export?format=csv"); read.status() == 200) entries = read.body();
    std::string from;
    for (int calls = 0; calls < 10; ++calls) {
      const auto proof = server.get("/v1/ledger/verify" + from);
      if (!proof.body().contains(R"("ok":true)")) return;
      if (proof.body().contains(R"("complete":true)")) {
        verifies = true;
        return;
      }
      from = "?resume=" + proof.text("resume");
    }
  }
};

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_file(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

using Dice = std::mt19937_64;
std::size_t below(Dice& dice, std::size_t end) { return static_cast<std::size_t>(dice() % end); }

void flip(Dice& dice, std::string& bytes) {
  auto& byte = bytes[below(dice, bytes.size())];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << below(dice, 8)));
}

/// One bit of one value, or of one key, with the file's pages intact.
std::string flip_in_row(Dice& dice, const std::string& path, bool in_key) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  sqlite3_exec(db, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
  sqlite3_stmt* pick = nullptr;
  const auto* const any =
      "SELECT rowid, key, value FROM rows WHERE value <> '' OR ?1 ORDER BY rowid "
      "LIMIT 1 OFFSET ?2 % (SELECT count(*) FROM rows WHERE value <> '' OR ?1)";
  REQUIRE(sqlite3_prepare_v2(db, any, -1, &pick, nullptr) == SQLITE_OK);
  const auto text_of = [&](int column) {
    return std::string(reinterpret_cast<const char*>(sqlite3_column_text(pick, column)),
                       static_cast<std::size_t>(sqlite3_column_bytes(pick, column)));
  };
  sqlite3_bind_int(pick, 1, in_key ? 1 : 0);
  sqlite3_bind_int64(pick, 2, static_cast<sqlite3_int64>(below(dice, 1'000'000)));
  REQUIRE(sqlite3_step(pick) == SQLITE_ROW);
  const auto row = sqlite3_column_int64(pick, 0);
  const auto key = text_of(1);
  auto changed = in_key ? key : text_of(2);
  sqlite3_finalize(pick);
  flip(dice, changed);
  sqlite3_stmt* update = nullptr;
  const auto* const sql = in_key ? "UPDATE rows SET key = ?1 WHERE rowid = ?2" : "UPDATE rows SET value = ?1 WHERE rowid = ?2";
  REQUIRE(sqlite3_prepare_v2(db, sql, -1, &update, nullptr) == SQLITE_OK);
  sqlite3_bind_text64(update, 1, changed.data(), changed.size(), SQLITE_STATIC, SQLITE_UTF8);
  sqlite3_bind_int64(update, 2, row);
  const auto updated = sqlite3_step(update);
  REQUIRE((updated == SQLITE_DONE || updated == SQLITE_CONSTRAINT));  // the key of another row: it stays as it is
  sqlite3_finalize(update);
  sqlite3_close(db);
  return (in_key ? "the key of " : "the value of ") + key;
}

void execute(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

/// Damages a sound file, and yields what was done.
std::string damage(Dice& dice, const std::string& path) {
  const auto how = below(dice, 10);
  if (how >= 5) return flip_in_row(dice, path, how >= 9);
  auto bytes = read_file(path);
  if (how == 0) {
    bytes.resize(below(dice, bytes.size()));
    write_file(path, bytes);
    return "cut off after " + std::to_string(bytes.size());
  }
  flip(dice, bytes);
  write_file(path, bytes);
  return "a bit of the file";
}

struct Original {
  TempFolder folder{};
  std::string path = folder.file("sound.db");
  StoreStory story{};

  Original() { write_store(story, path); }
};

/// "refused", "found", "harmless"; "WRONG" for a change that nothing reports, "TRAPPED" for one that ends the engine.
std::string verdict(const std::string& path, const StoreStory& story, const Money& sound) {
  bool found = false;
  try {
    found = host::check_store(path).findings_total > 0;
    Server server{path, story};
    const Money money{server};
    const bool same =
        (money.balance.empty() || money.balance == sound.balance) && (money.entries.empty() || money.entries == sound.entries);
    server.get("/v1/charges?limit=100");
    server.get("/v1/withdrawals?limit=100");
    server.get("/v1/events?limit=100");
    server.work();
    if (server.traps() > 0) return "TRAPPED";
    if (!same && money.verifies && !found) return "WRONG";
    return found ? "found" : "harmless";
  } catch (const std::runtime_error&) {
    return found ? "found" : "refused";
  }
}

}  // namespace

TEST_SUITE_BEGIN("store: damage");

TEST_CASE("damage of a store's file is refused, found or harmless") {
  const Original original;
  const auto path = original.folder.file("damaged.db");
  REQUIRE(host::check_store(original.path).findings_total == 0);
  std::filesystem::copy_file(original.path, path);
  const auto sound = [&] {
    Server server{path, original.story};
    return Money{server};
  }();
  REQUIRE(sound.verifies);
  REQUIRE_FALSE(sound.entries.empty());

  const auto first = number_from("LNTPAY_SEED", std::random_device{}());
  const auto cases = number_from("LNTPAY_FLIPS", cases_default);
  MESSAGE("replay with LNTPAY_SEED=", first, " LNTPAY_FLIPS=", cases);
  std::map<std::string, int> verdicts;
  for (auto number = first; number < first + cases; ++number) {
    for (const auto* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path + suffix);
    std::filesystem::copy_file(original.path, path);
    Dice dice(number);
    const auto done = damage(dice, path);
    INFO("LNTPAY_FLIPS=1 LNTPAY_SEED=", number, ": ", done);
    const auto is = verdict(path, original.story, sound);
    CHECK(is != "WRONG");
    CHECK(is != "TRAPPED");
    ++verdicts[is];
  }
  MESSAGE("refused ", verdicts["refused"], ", found ", verdicts["found"], ", harmless ", verdicts["harmless"]);
  if (cases >= cases_default) CHECK(verdicts["found"] > static_cast<int>(cases / 4));
}

TEST_CASE("a server runs with a byte that is no UTF-8 in a name of its list of shards") {
  const Original original;
  execute(original.path,
          "UPDATE rows SET key = CAST(x'30302f73686172642f41ff' AS TEXT) WHERE key = (SELECT max(key) FROM rows "
          "WHERE key LIKE '00/shard/%')");
  Server server{original.path, original.story};
  server.work();
  CHECK(server.rows_damaged() == 5);  // once a round
  CHECK(server.traps() == 0);
  CHECK(server.get("/readyz").status() == 200);
}

TEST_CASE("a check changes neither file nor log, and needs the file for itself") {
  const TempFolder folder;
  const auto path = folder.file("store.db");
  const auto log = path + "-wal";
  World world;
  world.bootstrap();
  {
    SqliteStore store{path};
    CHECK_THROWS_WITH_AS(host::check_store(path),
                         ("store " + path + ": another process has it open. Stop that process, or check a copy").c_str(),
                         std::runtime_error);
  }
  std::filesystem::remove(path);
  write_store(world, path);
  const auto bytes = read_file(path);
  const auto report = host::check_store(path);
  CHECK(report.findings_total == 0);
  CHECK(report.rows_total == 1 + static_cast<std::size_t>(std::ranges::count_if(
                                     world.store.rows(), [](const auto& row) { return !row.first.starts_with('~'); })));
  CHECK(read_file(path) == bytes);
  CHECK_FALSE(std::filesystem::exists(log));

  // As a crash leaves it: rows in the log only.
  const auto crashed = folder.file("crashed.db");
  {
    SqliteStore store{path};
    store.begin_batch();
    REQUIRE(std::holds_alternative<Committed>(store.commit({{}, {Put{"00/nothing/known", "1"}}})));
    REQUIRE(store.end_batch() == host::Store::BatchEnd::durable);
    std::filesystem::copy_file(path, crashed);
    std::filesystem::copy_file(log, crashed + "-wal");
  }
  const auto file = read_file(crashed);
  const auto frames = read_file(crashed + "-wal");
  const auto found = host::check_store(crashed);
  REQUIRE(found.findings.size() == 1);
  CHECK(found.findings.front().key == "00/nothing/known");
  CHECK(read_file(crashed) == file);
  CHECK(read_file(crashed + "-wal") == frames);
}

TEST_CASE("a check refuses what is no store of this version") {
  const TempFolder folder;
  const auto why = [&](const std::string& name) -> std::string {
    try {
      host::check_store(folder.file(name));
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  };
  CHECK(why("missing.db").contains("there is no such file"));
  CHECK_FALSE(std::filesystem::exists(folder.file("missing.db")));
  write_file(folder.file("text.db"), std::string(5'000, 'x'));
  CHECK(why("text.db").contains("file is not a database"));
  {
    SqliteStore store{folder.file("old.db")};
    store.begin_batch();
    REQUIRE(std::holds_alternative<Committed>(store.commit({{}, {Put{std::string(rows_format_key), "1"}}})));
    REQUIRE(store.end_batch() == host::Store::BatchEnd::durable);
  }
  CHECK(why("old.db").contains("its rows have format 1, but this program reads"));
}

TEST_CASE("a report as text and as JSON has the findings and no values") {
  StoreReport report;
  report.rows["charge"] = 2;
  report.rows_total = 2;
  report.add("Ab/x", "is not UTF-8");
  CHECK(host::report_text(report) ==
        "2 charge\n0 ledgers with 0 entries verified\nAb/x: is not UTF-8\nThe store is not good. Findings: 1\n");
  CHECK(host::report_json(report) ==
        R"({"entries":0,"findings":[{"key":"Ab/x","problem":"is not UTF-8"}],"findings_total":1,"ledgers":0,)"
        R"("object":"store_check","ok":false,"rows":{"charge":2},"rows_total":2})");
}

TEST_SUITE_END();

}  // namespace lntpay::test
