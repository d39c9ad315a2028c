// One exchange, with its faults.
#include "tests/sim/wire.hpp"

#include <array>
#include <utility>

namespace lntpay::sim {
namespace {

constexpr auto http_faults =
    std::to_array<Fault>({Fault::http_refused, Fault::http_reset_before, Fault::http_reset_after, Fault::http_timeout_before,
                          Fault::http_timeout_after, Fault::http_late, Fault::http_slow, Fault::http_truncated,
                          Fault::http_oversized, Fault::http_wrong_type, Fault::http_5xx, Fault::http_twice});
constexpr Fault no_fault = Fault::node_forgets;  // not a network fault

bool is_poll(const Outgoing& request) { return request.target.starts_with("/v2/router/track/"); }

}  // namespace

struct Wire::Exchange {
  Scene& scene;
  Outgoing request;
  Peer& peer;
  std::function<void(Reply)> answer;
  UnixMillis deadline;
  Fault fault = no_fault;
  bool answers_late = false;
  bool answered = false;
  std::optional<Response> part;

  void reply(Reply what) {
    if (!std::exchange(answered, true)) answer(std::move(what));
  }
  void broke(const std::string& why) {
    if (part) {
      reply(Broken{*part, why});
    } else {
      reply(NoAnswer{why});
    }
  }
};

Fault Wire::draw_fault(const Outgoing& request) {
  // Few polls overlap on their own: a world with slow exchanges has many slow sends and polls.
  if ((is_poll(request) || request.once) && scene_.faults.has(Fault::http_slow) && scene_.random.one_in(3)) return Fault::http_slow;
  for (const auto fault : http_faults) {
    if (fault == Fault::http_twice && request.once && scene_.send_once) continue;
    if (scene_.happens(fault)) return fault;
  }
  return no_fault;
}

void Wire::note_arrival(const std::string& target, std::uint64_t number, const std::string& body) {
  auto& polls = polls_.at(target);
  if (number < polls.arrived) {
    scene_.marks.reach("poll: overtaken by a later one");
    if (body != polls.body) scene_.marks.reach("poll: overtaken by one with another answer");
    return;
  }
  polls.arrived = number;
  polls.body = body;
}

void Wire::deliver(const std::shared_ptr<Exchange>& exchange, Millis delay) {
  scene_.agenda.in(delay, [this, exchange] {
    auto& peer = exchange->peer;
    if (!peer.listens()) return exchange->reply(NotSent{"connection refused"});
    const auto back = scene_.random.span({1}, {50});
    const auto lost = [exchange] {
      return exchange->fault == Fault::http_reset_after || exchange->fault == Fault::http_timeout_after;
    };
    peer.arrive(exchange->request,
                {.part =
                     [exchange, lost](Response response) {
                       if (!lost()) exchange->part = std::move(response);
                     },
                 .end =
                     [this, exchange, lost, back](Response response) {
                       if (lost()) {
                         if (exchange->fault == Fault::http_reset_after) exchange->reply(NoAnswer{"connection reset"});
                         return;
                       }
                       const auto left = exchange->deadline - scene_.agenda.now();
                       const bool late = exchange->answers_late && left > back;
                       const auto number = is_poll(exchange->request) ? ++polls_[exchange->request.target].given : 0;
                       scene_.agenda.in(
                           late ? scene_.random.span(back, {left.value - 1}) : back,
                           [this, exchange, number, response = std::move(response)]() mutable {
                             if (number > 0) note_arrival(exchange->request.target, number, response.body);
                             switch (exchange->fault) {
                               case Fault::http_truncated:
                                 response.body.resize(response.body.size() / 2);
                                 return exchange->reply(Broken{std::move(response), "the connection broke"});
                               case Fault::http_oversized:
                                 return exchange->reply(Broken{std::move(response), "the body is too large"});
                               case Fault::http_wrong_type:
                                 return exchange->reply(Answered{{200, {{"content-type", "text/html"}}, "<html>welcome</html>"}});
                               default: return exchange->reply(Answered{std::move(response)});
                             }
                           });
                     },
                 .cut = [exchange] { exchange->broke("connection reset"); }});
  });
}

void Wire::send(const Outgoing& request, Peer& peer, std::function<void(Reply)> answer) {
  auto exchange =
      std::make_shared<Exchange>(scene_, request, peer, std::move(answer), scene_.agenda.now() + Millis{request.timeout_ms});
  const auto scripted = scene_.script ? scene_.script(request) : std::nullopt;
  exchange->fault = scripted ? *scripted : draw_fault(request);
  const Millis timeout{request.timeout_ms};
  auto way = scene_.random.span({1}, {50});
  const auto after = [&](Millis span, Reply reply) {
    scene_.agenda.in(span, [exchange, reply = std::move(reply)]() mutable { exchange->reply(std::move(reply)); });
  };
  switch (exchange->fault) {
    case Fault::http_refused: return after({1}, NotSent{"connection refused"});
    case Fault::http_reset_before: return after(way, NoAnswer{"connection reset"});
    case Fault::http_5xx: return after(way, Answered{{502, {{"content-type", "text/html"}}, "<html>Bad Gateway</html>"}});
    case Fault::http_timeout_before: return after(timeout, NoAnswer{"timed out"});
    case Fault::http_late:
      after(timeout, NoAnswer{"timed out"});
      return deliver(exchange, {timeout.value + scene_.random.span(seconds(1), hours(1)).value});
    case Fault::http_slow:
      exchange->answers_late = scene_.random.one_in(2);
      if (!exchange->answers_late) way = scene_.random.span(way, timeout);
      if (scene_.on_slow) scene_.on_slow(request, way);
      break;
    case Fault::http_twice:
      peer.will_repeat(request);
      deliver(exchange, {way.value + scene_.random.span({1}, minutes(1)).value});
      break;
    default: break;
  }
  deliver(exchange, way);
  scene_.agenda.in(timeout, [exchange] { exchange->broke("timed out"); });
}

}  // namespace lntpay::sim
