// Forwards to lntpay::Engine. A broken invariant of a native engine aborts the process.
#include "host-adapters/common/native_instance.hpp"

#include <utility>

#include "core/tenant/settings.hpp"

namespace lntpay::host {
namespace {

class NativeInstance final : public Instance {
 public:
  Engine& engine() { return engine_; }

  std::expected<Step, Trap> begin(const Moment& at, Input input) override { return engine_.begin(at, std::move(input)); }

  std::expected<Step, Trap> resume(std::uint64_t session, const Moment& at, std::vector<Reply> replies) override {
    return engine_.resume(session, at, std::move(replies));
  }

  std::expected<void, Trap> abandon(std::uint64_t session) override {
    engine_.abandon(session);
    return {};
  }

 private:
  Engine engine_;
};

}  // namespace

MakeInstance native_instances(std::string engine_config) {
  return [config = std::move(engine_config)]() -> std::expected<std::unique_ptr<Instance>, std::string> {
    auto instance = std::make_unique<NativeInstance>();
    if (auto configured = instance->engine().configure(config); !configured) return std::unexpected(configured.error());
    return instance;
  };
}

std::unique_ptr<Instance> native_instance(Settings settings) {
  auto instance = std::make_unique<NativeInstance>();
  instance->engine().configure(std::move(settings));
  return instance;
}

}  // namespace lntpay::host
