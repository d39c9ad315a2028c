// I11 at the receiver: a webhook-id belongs to one event, whose bytes never change.
#include "tests/sim/receivers.hpp"

#include "tests/sim/text.hpp"

namespace lntpay::sim {

void Receivers::arrive(const Outgoing& request, Line line) {
  std::string id;
  for (const auto& header : request.headers) {
    if (header.name == "webhook-id") id = header.value;
  }
  require(id == member(request.body, "id"), "I11 a webhook-id is not its event's: ", id);
  // Per receiver: repeated entropy can give two tenants one id.
  const auto [known, is_new] = bodies_.emplace(request.target + " " + id, request.body);
  require(known->second == request.body, "I11 an event was delivered with other bytes than before: ", id, "\n", known->second, "\n",
          request.body);
  seen_.insert(request.target + " " + id);
  const auto mood = moods[request.target];
  switch (mood) {
    case Mood::well:
      if (++taken_[request.target + " " + id] > 1) scene_.marks.reach("webhook: delivered again under the same id");
      return line.end({200, {}, "ok"});
    case Mood::failing: return line.end({500, {}, "out of order"});
    case Mood::hanging: return line.part({200, {}, "…"});
    case Mood::garbage: return line.end({299 + 1, {{"content-type", "application/octet-stream"}}, std::string("\x01\x02\x03")});
    case Mood::redirecting: return line.end({302, {{"location", "http://169.254.169.254/"}}, ""});
    case Mood::asking_for_later: return line.end({503, {{"retry-after", "3600"}}, ""});
    case Mood::gone: return line.end({410, {}, ""});
  }
}

}  // namespace lntpay::sim
