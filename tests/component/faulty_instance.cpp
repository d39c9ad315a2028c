// The engine of edge-proxy.wasm with requests that trap, at the point named by their header `x-test-trap`.
//
//   begin      at once
//   committed  when it gets the reply that its commit was made
#include <algorithm>
#include <map>
#include <utility>

#include "edge/http/request.hpp"
#include "host-adapters/common/native_instance.hpp"
#include "host-adapters/wasi-http/wasi/make_instance.hpp"

namespace lntpay::wasi_http {
namespace {

class FaultyInstance final : public host::Instance {
 public:
  explicit FaultyInstance(std::unique_ptr<host::Instance> inner) : inner_(std::move(inner)) {}

  std::expected<Step, host::Trap> begin(const Moment& at, Input input) override {
    const auto* http = std::get_if<input::Http>(&input);
    const std::string where(http != nullptr ? header(http->request, "x-test-trap").value_or("") : "");
    if (where == "begin") __builtin_trap();
    if (http != nullptr) traps_when_committed_ = where == "committed";
    return inner_->begin(at, std::move(input));
  }
  std::expected<Step, host::Trap> resume(std::uint64_t session, const Moment& at, std::vector<Reply> replies) override {
    const bool committed =
        std::ranges::any_of(replies, [](const Reply& reply) { return std::holds_alternative<Committed>(reply); });
    if (traps_when_committed_ && committed && ++commits_ == commits_before_trap) __builtin_trap();
    return inner_->resume(session, at, std::move(replies));
  }
  std::expected<void, host::Trap> abandon(std::uint64_t session) override { return inner_->abandon(session); }

 private:
  static constexpr int commits_before_trap = 2;  // the first is that of the rate limit

  std::unique_ptr<host::Instance> inner_;
  bool traps_when_committed_ = false;
  int commits_ = 0;
};

}  // namespace

std::unique_ptr<host::Instance> make_instance(Settings settings) {
  return std::make_unique<FaultyInstance>(host::native_instance(std::move(settings)));
}

}  // namespace lntpay::wasi_http
