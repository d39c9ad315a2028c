// A world in which the whole engine runs: a store, a clock that the test moves, random from a counter, webhook receivers.
// What a host does, in fifty lines: sessions are run to their end one after the other; due work runs when time passes.
// Every good answer is held against the schema that the route table promises.
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
#include "edge/engine/contract.hpp"
#include "tests/support/model_store.hpp"

namespace lntpay::test {

/// An answer, and easy access to its JSON.
struct Reading {
  Response response;

  [[nodiscard]] int status() const { return response.status; }
  [[nodiscard]] const std::string& body() const { return response.body; }
  /// Members by path: "error.code", "data.0.id"; empty, 0, when there is none.
  [[nodiscard]] std::string text(std::string_view path) const;
  [[nodiscard]] std::uint64_t number(std::string_view path) const;
  [[nodiscard]] std::size_t items(std::string_view path) const;
  [[nodiscard]] std::string header(std::string_view name) const;
  /// "404 not_found": what most tests of errors ask for.
  [[nodiscard]] std::string error() const;
};

using Headers = std::vector<Header>;

class World {
 public:
  World();

  /// Makes a workspace; its keys are used from then on.
  void bootstrap();

  Reading request(std::string method, std::string target, std::string body = {}, Headers headers = {});
  /// With the test key, and a JSON content type where there is a body.
  Reading get(std::string target);
  Reading post(std::string target, std::string body = {}, Headers headers = {});
  Reading send(std::string method, std::string target, std::string body = {}, Headers headers = {});
  /// The operator's, about the workspace: `path` below /v1/admin/workspaces/{workspace}, in the test environment.
  Reading administer(const std::string& path, std::string body, Headers headers = {});

  /// `gate` and `redeemed` of the contract, as a proxy or an edge function begins them.
  Outcome visit(const std::string& gate, std::string method, std::string target, Headers headers = {});
  void redeemed(std::string pass, bool served);

  /// A request that may wait; `end` of its session comes when it is resumed by a change or by time.
  std::size_t begin_request(std::string method, std::string target, std::string body = {}, Headers headers = {});
  [[nodiscard]] bool is_open(std::size_t pending) const;
  Reading end(std::size_t pending);

  /// The host is about to end: nobody waits any longer.
  void wait_no_longer();

  /// Time passes; due work runs when it comes due.
  void pass(Millis span);
  /// Runs what is due now.
  void run_due();

  /// The process dies after so many further moments, of which every effect has two: before it is performed, and after, before
  /// the session is told. Every session is gone, the store stays, and another process goes on; a request ends with status 0.
  std::optional<std::size_t> moments_until_death;

  /// The host's source of random hands out the same again, for as long.
  bool chance_repeats = false;

  UnixMillis now{1'800'000'000'000};
  ModelStore store;
  std::function<Reply(const Outgoing&)> receiver;  ///< answers webhooks; the default is 200
  std::vector<Outgoing> sent;
  std::vector<std::string> log;  ///< what sessions told the operator
  std::string test_key;
  std::string live_key;
  std::string operator_token = "lnt_operator_test";

 private:
  struct Open {
    std::uint64_t session = 0;
    std::optional<WaitFor> waiting;
    std::optional<Outcome> outcome;
    bool died = false;
  };

  Moment moment();
  void start_engine();
  std::size_t begin(Input input);
  void drive(std::size_t pending, Step step);
  /// One moment passes; whether the process died in it.
  bool dies();
  /// Resumes sessions whose wait is over.
  void stir();
  Outcome run(Input input);

  std::unique_ptr<Engine> engine_;
  std::vector<Open> open_;
  std::uint64_t entropy_ = 0;
};

}  // namespace lntpay::test
