// The engine: sessions. A session runs one input as a coroutine that is suspended between two calls of the host. Outside sessions
// the engine keeps only its settings, a cache of gates, and requests that are not logged yet.
#include <map>

#include "core/charge/invoice_stream.hpp"
#include "core/gate/cache.hpp"
#include "core/request/request_log.hpp"
#include "core/webhook/delivery/outbox.hpp"
#include "core/webhook/egress/egress.hpp"
#include "edge/contract/contract.hpp"
#include "edge/engine/config.hpp"
#include "edge/engine/gate_inputs.hpp"
#include "edge/engine/tasks.hpp"
#include "edge/http/answer.hpp"
#include "edge/routing/serve.hpp"

namespace lntpay {
namespace {

Outcome answered(Response response) {
  Outcome outcome;
  outcome.response = std::move(response);
  return outcome;
}

Response refuse(Context& cx, Refusal why) {
  const auto request_id = RequestId::generate(Shard{}, cx.now(), cx.random);
  auto response = error_answer(error_of(why), request_id.text());
  finish(response, request_id.text());
  return response;
}

/// Starts the operation of an input.
struct Run {
  Context& cx;

  Task<Outcome> operator()(input::Http http) const { return run_http(cx, std::move(http.request)); }
  Task<Outcome> operator()(input::Refused refused) const { return run_refused(cx, refused.why); }
  Task<Outcome> operator()(input::Wake wake) const { return run_wake(cx, std::move(wake.shard)); }
  Task<Outcome> operator()(input::Task task) const { return run_due(cx, std::move(task.key)); }
  Task<Outcome> operator()(input::Gate gate) const { return run_gate(cx, std::move(gate.request)); }
  Task<Outcome> operator()(input::Redeemed redeemed) const { return run_redeemed(cx, std::move(redeemed.response)); }
  Task<Outcome> operator()(input::NodeEvents events) const { return run_events(cx, std::move(events.lines)); }
  Task<Outcome> operator()(input::NodeStreamClosed) const { return open_stream(cx); }

  static Task<Outcome> run_http(Context& cx, Request request) {
    Outcome outcome;
    outcome.response = co_await serve(cx, std::move(request), outcome.log);
    co_return outcome;
  }
  static Task<Outcome> run_refused(Context& cx, Refusal why) { co_return answered(refuse(cx, why)); }
  static Task<Outcome> run_wake(Context& cx, std::string shard) {
    const auto parsed = Shard::parse(shard);
    if (!parsed) co_return Outcome{};
    co_return co_await wake_shard(cx, *parsed);
  }
  static Task<Outcome> run_due(Context& cx, std::string key) {
    Outcome outcome;
    const auto ran = co_await attempt(run_task(cx, std::move(key)));
    const bool again = !ran && (ran.error().code == ErrorCode::lease_elsewhere || ran.error().code == ErrorCode::conflict);
    if (!ran && !again) {
      outcome.log.push_back(std::string(info(ran.error().code).name) + ": " + ran.error().message);
    }
    co_return outcome;
  }
  /// If the lines cannot be stored they are refused, and the host reopens the stream after the cursor.
  static Task<Outcome> run_events(Context& cx, std::vector<std::string> lines) {
    const auto taken = co_await attempt(take_invoice_lines(cx, std::move(lines)));
    if (taken) co_return Outcome{};
    auto outcome = answered(refuse(cx, Refusal::storage_down));
    outcome.log.push_back("node stream: " + std::string(info(taken.error().code).name) + ": " + taken.error().message);
    co_return outcome;
  }
  static Task<Outcome> open_stream(Context& cx) {
    Outcome outcome;
    auto request = co_await attempt(open_invoice_stream(cx));
    if (request) {
      outcome.subscribe = std::move(*request);
    } else {
      outcome.log.push_back("node stream: " + std::string(info(request.error().code).name) + ": " + request.error().message);
    }
    co_return outcome;
  }
};

struct Session {
  Session(const Moment& at, const Settings& settings, GateCache& gates, PendingRequests& requests, Input input)
      : seam(at.now), random(at.entropy), cx(seam, random, settings), task(std::visit(Run{cx}, std::move(input))) {
    cx.cache = &gates;
    cx.requests = &requests;
    cx.make_commit_hook = make_outbox;
  }

  Seam seam;
  Random random;
  Context cx;
  Task<Outcome> task;
};

/// The shard of a request's API key or gate, of a redemption, or of a due row's key.
Shard place_of(const Input& input) {
  if (const auto* http = std::get_if<input::Http>(&input)) return place_request(http->request);
  if (const auto* gate = std::get_if<input::Gate>(&input)) return place_gate(gate->request);
  if (const auto* redeemed = std::get_if<input::Redeemed>(&input)) return place_redeemed(redeemed->response);
  std::string_view text;
  if (const auto* wake = std::get_if<input::Wake>(&input)) text = wake->shard;
  if (const auto* task = std::get_if<input::Task>(&input)) text = task->key;
  return Shard::parse(text.substr(0, 2)).value_or(Shard{});
}

}  // namespace

struct Engine::State {
  Settings settings;
  GateCache gates;
  PendingRequests requests;
  bool configured = false;
  std::uint64_t last_session = 0;
  std::map<std::uint64_t, std::unique_ptr<Session>> sessions;

  /// The outcome of the session, or its next effects.
  Step step(std::uint64_t number, std::unique_ptr<Session> session) {
    if (auto& ended = session->task.value()) {
      auto outcome = std::move(*ended);
      for (auto& alarm : session->cx.alarms) outcome.log.push_back(std::move(alarm));
      for (const auto& due : session->cx.due) outcome.wake.push_back({std::string(due.shard.text()), due.at});
      return outcome;
    }
    Ask ask{number, session->seam.take_effects()};
    sessions.emplace(number, std::move(session));
    return ask;
  }
};

Engine::Engine() : state_(std::make_unique<State>()) {}
Engine::~Engine() = default;

std::expected<void, std::string> Engine::configure(std::string_view config) {
  auto settings = read_config(config);
  if (!settings) return std::unexpected(std::move(settings.error()));
  configure(*std::move(settings));
  return {};
}

void Engine::configure(Settings settings) {
  state_->settings = std::move(settings);
  state_->configured = true;
}

std::string Engine::place(const Input& input) const { return std::string(place_of(input).text()); }

std::expected<void, std::string> Engine::may_connect(std::string_view url, std::span<const std::string> addresses) const {
  return lntpay::may_connect(state_->settings, url, addresses);
}

Step Engine::begin(const Moment& at, Input input) {
  if (!state_->configured && !std::holds_alternative<input::Refused>(input)) input = input::Refused{Refusal::engine_lost};
  auto session = std::make_unique<Session>(at, state_->settings, state_->gates, state_->requests, std::move(input));
  session->task.start(session->seam);
  return state_->step(++state_->last_session, std::move(session));
}

Step Engine::resume(std::uint64_t session, const Moment& at, std::vector<Reply> replies) {
  auto found = state_->sessions.extract(session);
  if (found.empty()) return Outcome{};
  auto resumed = std::move(found.mapped());
  resumed->seam.answer(at.now, std::move(replies));
  return state_->step(session, std::move(resumed));
}

void Engine::abandon(std::uint64_t session) { state_->sessions.erase(session); }

}  // namespace lntpay
