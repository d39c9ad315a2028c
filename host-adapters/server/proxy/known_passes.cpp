// A credential is a secret: keys are compared in constant time.
#include "host-adapters/server/proxy/known_passes.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/integer.hpp"
#include "core/base/secret.hpp"
#include "core/request/header_line.hpp"

namespace lntpay::host {
namespace {

constexpr std::string_view good_for = "lntpay-good-for";
constexpr std::size_t known_max = 4'096;
constexpr std::size_t key_bytes_max = 4'096;

std::chrono::milliseconds time_granted(const std::vector<Header>& headers) {
  const auto field = std::ranges::find(headers, good_for, &Header::name);
  const auto ms = field == headers.end() ? std::nullopt : parse_integer<std::uint32_t>(field->value);
  return std::chrono::milliseconds(ms.value_or(0));
}

}  // namespace

std::optional<std::string> KnownPasses::key_of(const Request& request) {
  const auto authorization = only_line(request.headers, "authorization").value;
  if (!authorization) return std::nullopt;
  auto key = request.method + " " + request.target + "\n" + std::string(*authorization);
  return key.size() <= key_bytes_max ? std::optional(std::move(key)) : std::nullopt;
}

std::shared_ptr<const std::vector<Header>> KnownPasses::find(const std::string& key, Clock::time_point now) const {
  const auto found = known_.find(std::hash<std::string>{}(key));
  if (found == known_.end() || now >= found->second.until) return nullptr;
  return constant_time_equal(bytes_of(found->second.key), bytes_of(key)) ? found->second.headers : nullptr;
}

void KnownPasses::keep(std::string key, std::shared_ptr<const std::vector<Header>> headers, Clock::time_point asked_at) {
  const auto span = time_granted(*headers);
  if (span.count() == 0) return;
  if (known_.size() >= known_max) known_.clear();
  const auto hash = std::hash<std::string>{}(key);
  known_.insert_or_assign(hash, Known{std::move(key), std::move(headers), asked_at + span});
}

}  // namespace lntpay::host
