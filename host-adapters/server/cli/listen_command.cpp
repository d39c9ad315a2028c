// `lntpay listen`: forwards the workspace's events to a local receiver.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/ascii.hpp"
#include "core/base/time.hpp"
#include "core/webhook/secret/signature.hpp"
#include "host-adapters/server/cli/forward.hpp"
#include "host-adapters/server/cli/output.hpp"
#include "host-adapters/server/ops/moments.hpp"

namespace lntpay::host {
namespace {

struct ListenFlags {
  std::string url;
  std::vector<std::string> types;
  std::optional<std::uint64_t> after;
  std::string secret;
  std::string resend;
  bool json = false;
  bool skip_verify = false;
};

/// Before each attempt after the first: a receiver that is not there may be restarting, one that answers is asked only twice more.
constexpr std::array absent_pauses{std::chrono::seconds(1), std::chrono::seconds(2), std::chrono::seconds(4),
                                   std::chrono::seconds(8)};
constexpr std::size_t refused_pauses = 2;
constexpr std::size_t kept_events_max = 1'000;

std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[16];
  return {text, std::strftime(text, sizeof(text), "%H:%M:%S", &parts)};
}

/// Forwards events and prints a line for each attempt. On several threads.
class Forwarder {
 public:
  Forwarder(ForwardTarget target, bool is_json, std::string again)
      : target_(std::move(target)), json_(is_json), again_(std::move(again)) {}

  /// Adds the event, and forwards it. Returns whether it was accepted.
  bool take(FeedEvent event) {
    std::size_t number = 0;
    {
      const std::scoped_lock lock(mutex_);
      number = ++count_;
      kept_.push_back(event);
      if (kept_.size() > kept_events_max) kept_.pop_front();
    }
    return send(number, event);
  }

  /// Forwards an event again: that of the line with the number, or the last one.
  void repeat(std::string_view typed) {
    std::unique_lock lock(mutex_);
    std::size_t number = count_;
    if (typed != "r") {
      const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
      if (error != std::errc{} || end != typed.data() + typed.size()) number = 0;
    }
    const auto oldest = count_ - kept_.size() + 1;
    if (number < oldest || number > count_ || kept_.empty()) {
      lock.unlock();
      std::fputs("lntpay: there is no event with this number. Type the number of a line, or r for the last event\n", stderr);
      return;
    }
    const auto event = kept_[number - oldest];
    lock.unlock();
    send(number, event);
  }

 private:
  bool send(std::size_t number, const FeedEvent& event) {
    for (std::size_t pauses = 0;; ++pauses) {
      const auto outcome = forward(target_, event);
      print(number, event, outcome);
      if (outcome.is_accepted()) return true;
      if (pauses == (outcome.status == 0 ? absent_pauses.size() : refused_pauses)) break;
      std::this_thread::sleep_for(absent_pauses[pauses]);
    }
    std::fprintf(stderr, "lntpay: %s was not accepted. %s%s\n", event.id.c_str(), again_.c_str(), event.id.c_str());
    return false;
  }

  void print(std::size_t number, const FeedEvent& event, const ForwardOutcome& outcome) {
    const std::scoped_lock lock(mutex_);
    if (json_) {
      nlohmann::ordered_json line{
          {"time", rfc3339(unix_now())}, {"number", number},     {"seq", event.seq},  {"event_type", event.type},
          {"event_id", event.id},        {"object_id", nullptr}, {"status", nullptr}, {"latency_ms", outcome.latency_ms},
          {"failure", nullptr}};
      if (!event.object_id.empty()) line["object_id"] = event.object_id;
      if (outcome.status != 0) line["status"] = outcome.status;
      if (!outcome.failure.empty()) line["failure"] = outcome.failure;
      std::printf("%s\n", line.dump().c_str());
    } else {
      const auto status = outcome.status == 0 ? outcome.failure : std::to_string(outcome.status);
      std::printf("%s  %zu  %-20s %s  %s  %s  %lld ms\n", local_time().c_str(), number, event.type.c_str(), event.id.c_str(),
                  event.object_id.empty() ? "-" : event.object_id.c_str(), status.c_str(),
                  static_cast<long long>(outcome.latency_ms));
    }
    std::fflush(stdout);
  }

  ForwardTarget target_;
  bool json_;
  std::string again_;  ///< how to resend an event; its id follows
  std::mutex mutex_;
  std::deque<FeedEvent> kept_;
  std::size_t count_ = 0;
};

/// Calls `use` with each line of the terminal, on a thread of its own, until it is destroyed.
class Keyboard {
 public:
  explicit Keyboard(std::function<void(std::string_view)> use) : use_(std::move(use)), thread_([this] { run(); }) {}
  ~Keyboard() {
    ending_ = true;
    thread_.join();
  }
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

 private:
  void run() {
    constexpr int poll_ms = 200;
    std::string line;
    while (!ending_) {
      pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
      if (poll(&input, 1, poll_ms) <= 0) continue;
      char block[256];
      const auto count = read(STDIN_FILENO, block, sizeof(block));
      if (count <= 0) return;
      for (const char c : std::string_view(block, static_cast<std::size_t>(count))) {
        if (c != '\n') {
          line += c;
        } else {
          const auto entered = std::exchange(line, {});
          if (const auto typed = trimmed(entered); !typed.empty()) use_(typed);
        }
      }
    }
  }

  std::function<void(std::string_view)> use_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

void print_start(const ListenFlags& flags, const Secret& secret, std::uint64_t after, bool is_json) {
  const std::string shown(secret.reveal_text());
  if (is_json) {
    const nlohmann::ordered_json line{{"forward_to", flags.url}, {"secret", shown}, {"after_seq", after}};
    std::printf("%s\n", line.dump().c_str());
  } else {
    std::printf("Forwarding events after seq %llu to %s\nThe signing secret: %s\n", static_cast<unsigned long long>(after),
                flags.url.c_str(), shown.c_str());
    if (isatty(STDIN_FILENO) != 0)
      std::puts("Type the number of a line, or r for the last event, and Enter to resend it. Ctrl-C ends.");
  }
  std::fflush(stdout);
}

Exit resend(const ApiClient& client, const std::string& id, Forwarder& forwarder) {
  const auto answer = client.call("GET", "/events/" + id);
  if (!answer || answer->status != 200) return show(answer, {});
  auto event = event_in(answer->text);
  if (!event) return fails(Exit::failed, "the API's response is no event. Check LNTPAY_BASE_URL");
  return forwarder.take(std::move(*event)) ? Exit::good : Exit::failed;
}

Exit follow(EventFeed& feed, Forwarder& forwarder) {
  for (;;) {
    auto events = feed.next();
    if (!events) return events.error();
    for (auto& event : *events) forwarder.take(std::move(event));
  }
}

Exit listen(const ListenFlags& flags) {
  const auto client = ApiClient::from_environment();
  if (!client) return fails(Exit::usage, client.error());
  if (!flags.resend.empty() && flags.secret.empty()) {
    return fails(Exit::usage,
                 "--resend needs --secret, the secret that the receiver knows: `lntpay listen` printed it at its start");
  }
  Random random(Moments().next().entropy);
  auto secret = flags.secret.empty() ? generate_signing_secret(random) : Secret::copy_of(flags.secret);
  const bool is_json = flags.json || isatty(STDOUT_FILENO) == 0;
  Forwarder forwarder({flags.url, secret.clone(), !flags.skip_verify}, is_json,
                      "Resend it with: lntpay listen --forward-to " + flags.url + " --secret SECRET --resend ");
  if (!flags.resend.empty()) return resend(*client, flags.resend, forwarder);

  EventFeed feed(*client, flags.types);
  if (const auto started = feed.start(flags.after); started != Exit::good) return started;
  print_start(flags, secret, feed.after(), is_json);
  std::unique_ptr<Keyboard> keyboard;
  if (isatty(STDIN_FILENO) != 0) {
    keyboard = std::make_unique<Keyboard>([&forwarder](std::string_view typed) { forwarder.repeat(typed); });
  }
  return follow(feed, forwarder);
}

/// The types of all patterns; all of them: no filter.
std::vector<std::string> types_of(const std::vector<std::string>& patterns) {
  std::vector<std::string> types;
  for (const auto& pattern : patterns) {
    const auto matching = types_matching(pattern);
    if (matching.empty()) {
      std::string known;
      for (const auto& name : types_matching("*")) known.append(known.empty() ? "" : ", ").append(name);
      const auto why =
          std::string("there is no event type ").append(pattern).append(". Give a pattern such as charge.*, or one of: ");
      throw CLI::ValidationError("--events", why + known);
    }
    types.insert(types.end(), matching.begin(), matching.end());
  }
  std::ranges::sort(types);
  types.erase(std::ranges::unique(types).begin(), types.end());
  if (types.size() == types_matching("*").size()) types.clear();
  return types;
}

}  // namespace

void add_listen(CLI::App& program, Exit& exit) {
  auto flags = std::make_shared<ListenFlags>();
  auto patterns = std::make_shared<std::vector<std::string>>();
  CLI::App* command = program.add_subcommand("listen", "Forward the workspace's events to a local receiver");
  command->add_option("--forward-to", flags->url, "URL of the receiver, such as localhost:3000/hook")->required();
  command
      ->add_option("--events", *patterns, "Comma-separated types and patterns, such as charge.*,withdrawal.failed (default: all)")
      ->delimiter(',');
  command->add_option("--after", flags->after, "Start after the event with this seq (default: the newest)");
  command->add_option("--secret", flags->secret, "whsec_… to sign with (default: a new one, printed at the start)")
      ->envname("LNTPAY_WEBHOOK_SECRET");
  command->add_option("--resend", flags->resend, "Forward this event (evt_…) and end");
  command->add_flag("--json", flags->json, "Print JSON lines, as into a pipe");
  command->add_flag("--skip-verify", flags->skip_verify, "Accept any certificate of the receiver");
  command->footer(
      "A line for each attempt: time, number, type, event, object, status, latency. An event that is not accepted is sent up to "
      "four\n"
      "times more, in order; on a terminal, type its number to send it later. Restarts of the server and of the receiver are "
      "survived.\n"
      "Environment: LNTPAY_API_KEY (scope webhooks:read), LNTPAY_BASE_URL.");
  command->callback([flags, patterns, &exit] {
    const auto url = forward_url(flags->url);
    if (!url) throw CLI::ValidationError("--forward-to", url.error());
    if (!flags->resend.empty() && (!flags->resend.starts_with("evt_") || flags->resend.find_first_of("/?#% ") != std::string::npos))
      throw CLI::ValidationError("--resend", "not an event's id, evt_…");
    if (!flags->secret.empty() && webhook_signature(flags->secret, "evt", 0, "").empty())
      throw CLI::ValidationError("--secret", "not a signing secret: it must be whsec_ followed by base64");
    flags->url = *url;
    flags->types = types_of(*patterns);
    exit = listen(*flags);
  });
}

}  // namespace lntpay::host
