// Implements fixed moments with the arithmetic of lib_fixed_moments.mjs.
#include "tests/support/fixed_moments.hpp"

#include <map>
#include <utility>

#include "core/base/overload.hpp"
#include "edge/http/request.hpp"

namespace lntpay::test {
namespace {

constexpr UnixMillis fixed{1'700'000'000'000};

/// FNV-1a, 64 bits.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325ULL;
  for (const char byte : text) value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
  return value;
}

std::string essence(std::string_view tag, const Request& request) {
  std::string text(tag);
  for (const auto part :
       {std::string_view(request.method), std::string_view(request.target), header(request, "authorization").value_or(""),
        header(request, "idempotency-key").value_or(""), std::string_view(request.body)})
    text.append("\n").append(part);
  return text;
}

/// The part of an input that identifies it on every host.
std::string essence(const Input& input) {
  return std::visit(Overload{
                        [](const input::Http& http) { return essence("http", http.request); },
                        [](const input::Gate& gate) { return essence("gate", gate.request); },
                        [](const input::Wake& wake) { return "wake \"" + wake.shard + "\""; },
                        [](const input::Task& task) { return "task \"" + task.key + "\""; },
                        [](const auto&) { return std::string("another"); },
                    },
                    input);
}

Moment moment(const std::string& seed) {
  Moment at{.now = fixed};
  for (std::size_t part = 0; part < at.entropy.size(); ++part) at.entropy[part] = hash(std::to_string(part) + " " + seed);
  return at;
}

class FixedMoments final : public host::Instance {
 public:
  explicit FixedMoments(std::unique_ptr<host::Instance> inner) : inner_(std::move(inner)) {}

  std::expected<Step, host::Trap> begin(const Moment& /*at*/, Input input) override {
    auto seed = essence(input);
    const auto at = moment(seed);
    return kept(inner_->begin(at, std::move(input)), std::move(seed));
  }
  std::expected<Step, host::Trap> resume(std::uint64_t session, const Moment& /*at*/, std::vector<Reply> replies) override {
    auto seed = seeds_[session] + "+";
    seeds_.erase(session);
    const auto at = moment(seed);
    return kept(inner_->resume(session, at, std::move(replies)), std::move(seed));
  }
  std::expected<void, host::Trap> abandon(std::uint64_t session) override {
    seeds_.erase(session);
    return inner_->abandon(session);
  }

 private:
  std::expected<Step, host::Trap> kept(std::expected<Step, host::Trap> step, std::string seed) {
    const auto* ask = step ? std::get_if<Ask>(&*step) : nullptr;
    if (ask != nullptr) seeds_[ask->session] = std::move(seed);
    return step;
  }

  std::unique_ptr<host::Instance> inner_;
  std::map<std::uint64_t, std::string> seeds_;  ///< by session
};

}  // namespace

std::unique_ptr<host::Instance> with_fixed_moments(std::unique_ptr<host::Instance> inner) {
  return std::make_unique<FixedMoments>(std::move(inner));
}

}  // namespace lntpay::test
