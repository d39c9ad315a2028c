// A test world for the whole engine: a store, a clock that the test moves, randomness from a counter, webhook receivers.
// It is a minimal host: sessions run to completion one after the other; due work runs when time passes.
// Every successful response is checked against the schema of its route.
//
//   World world;
//   world.bootstrap();
//   const auto charge = world.post("/v1/charges", R"({"amount_sats":21})");
//   world.post("/v1/sandbox/charges/" + charge.text("id") + "/pay");
//   world.pass(minutes(1));
//   CHECK(world.get("/v1/balance").number("available_msat") == 21'000);
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json_reader.hpp"
#include "core/storage/row.hpp"
#include "edge/contract/contract.hpp"
#include "tests/support/model_store.hpp"

namespace lntpay::test {

/// A response, and access to its JSON.
struct Reading {
  Response response;

  [[nodiscard]] int status() const { return response.status; }
  [[nodiscard]] const std::string& body() const { return response.body; }
  /// Members by path: "error.code", "data.0.id"; empty, 0, when there is none.
  [[nodiscard]] std::string text(std::string_view path) const;
  [[nodiscard]] std::uint64_t number(std::string_view path) const;
  [[nodiscard]] std::size_t items(std::string_view path) const;
  [[nodiscard]] std::string header(std::string_view name) const;
  /// "404 not_found"
  [[nodiscard]] std::string error() const;
};

using Headers = std::vector<Header>;

class World {
 public:
  World();

  /// Creates a workspace and uses its keys from then on.
  void bootstrap();

  Reading request(std::string method, std::string target, std::string body = {}, Headers headers = {});
  /// With the test key, and a JSON content type if there is a body.
  Reading get(std::string target);
  Reading post(std::string target, std::string body = {}, Headers headers = {});
  Reading send(std::string method, std::string target, std::string body = {}, Headers headers = {});
  /// An operator's request: `path` below /v1/admin/workspaces/{workspace}, in the test environment.
  Reading administer(const std::string& path, std::string body, Headers headers = {});

  /// The inputs `gate` and `redeemed` of the contract, which proxies and edge functions use.
  Outcome visit(const std::string& gate, std::string method, std::string target, Headers headers = {},
                std::string client = "192.0.2.1");
  /// The headers for the client's response are those of the outcome's.
  Outcome redeemed(const Outcome& passed, std::uint16_t status, std::string location = {}, std::string price = {});

  /// Begins a request that may wait; `end` waits until a change or time completes it.
  std::size_t begin_request(std::string method, std::string target, std::string body = {}, Headers headers = {});
  [[nodiscard]] bool is_open(std::size_t pending) const;
  Reading end(std::size_t pending);

  /// The host shuts down: every wait ends.
  void end_waits();

  /// Lets time pass; due work runs at its time.
  void pass(Millis span);
  /// Runs the work that is due now.
  void run_due();

  /// The process crashes after this many further moments. Every effect has two: before it is performed, and after it, before the
  /// session gets the reply. Sessions are lost, the store stays, and a new process starts; an open request gets status 0.
  std::optional<std::size_t> moments_until_crash;

  /// While set, the host's random source repeats its last value.
  bool random_repeats = false;

  UnixMillis now{1'800'000'000'000};
  ModelStore store;
  std::function<Reply(const Outgoing&)> receiver;  ///< answers webhooks; the default is 200
  std::vector<Outgoing> sent;
  std::vector<std::string> log;  ///< lines for the operator
  /// The work of the session with the most of it so far: steps that are no waits, and rows that one session wrote and read.
  struct Work {
    std::size_t steps = 0;
    std::size_t rows = 0;
    std::size_t rows_read = 0;
  };
  Work most;
  std::string test_key;
  std::string live_key;
  std::string operator_token = "lnt_operator_test";

 private:
  struct Open {
    std::uint64_t session = 0;
    std::optional<WaitFor> waiting;
    std::optional<Outcome> outcome;
    bool crashed = false;
    Work work;
  };

  Moment moment();
  void start_engine();
  std::size_t begin(Input input);
  void drive(std::size_t pending, Step step);
  void count(Work& work, const std::vector<Effect>& effects);
  void count_read(Work& work, const std::vector<Reply>& replies);
  /// Counts one moment; returns whether the process crashes in it.
  bool crashes();
  /// Resumes sessions whose wait has ended.
  void resume_woken();
  Outcome run(Input input);

  std::unique_ptr<Engine> engine_;
  std::vector<Open> open_;
  std::uint64_t entropy_ = 0;
};

}  // namespace lntpay::test
