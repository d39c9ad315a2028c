// Everything that can fail comes before the server is given the new table.
#include "host-adapters/server/gates/gates_loader.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <utility>

#include "host-adapters/server/gates/gate_sync.hpp"
#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/ops/file_stamp.hpp"
#include "host-adapters/server/ops/private_file.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds look_every{1};

std::string listen_place(std::size_t i) { return "listen[" + std::to_string(i) + "]"; }

}  // namespace

std::expected<std::vector<std::shared_ptr<TlsContext>>, std::string> load_certificates(const GatesFile& file) {
  std::vector<std::shared_ptr<TlsContext>> all;
  for (const auto& entry : file.listen) {
    if (entry.certificates.empty()) {
      all.push_back(nullptr);
      continue;
    }
    auto tls = TlsContext::load(entry.certificates);
    if (!tls) return std::unexpected(listen_place(all.size()) + ".certificates: " + tls.error());
    all.push_back(std::move(*tls));
  }
  return all;
}

std::expected<std::string, std::string> api_key_of(const GatesFile& file, const std::string& fallback) {
  if (file.api_key_file.empty()) {
    if (fallback.empty() && file.keeps_gates()) {
      return std::unexpected(
          "prices with price_sats need an API key with the scopes gates:read and gates:write. Write it to a file and name that in "
          "api_key_file, or set LNTPAY_API_KEY");
    }
    return fallback;
  }
  if (auto kept = check_private_file(file.api_key_file); !kept) return std::unexpected("api_key_file: " + kept.error());
  std::ifstream stream(file.api_key_file);
  std::string key;
  stream >> key;
  if (key.empty()) return std::unexpected("api_key_file: " + file.api_key_file.string() + " has no key. Write the API key to it");
  return key;
}

GatesLoader::GatesLoader(asio::io_context& io, GatePolicy::Submit submit, const Log& log, GatesServer& server, GatesOptions options)
    : io_(io), submit_(std::move(submit)), log_(log), server_(server), options_(std::move(options)), hang_ups_(io), pause_(io) {}

std::expected<void, std::string> GatesLoader::load_first() {
  std::optional<std::expected<void, std::string>> loaded;
  asio::co_spawn(io_, load(),
                 [&loaded](const std::exception_ptr&, std::expected<void, std::string> result) { loaded = std::move(result); });
  const auto guard = asio::make_work_guard(io_);
  while (!loaded) io_.run_one();
  return std::move(*loaded);
}

asio::awaitable<std::expected<void, std::string>> GatesLoader::load() try {
  co_return co_await load_file();
} catch (const std::exception& failed) {
  co_return std::unexpected(std::string(failed.what()));
}

asio::awaitable<std::expected<void, std::string>> GatesLoader::load_file() {
  const auto stamp = file_stamp(options_.file);  // before it is read: a change in between is found
  const auto file = read_gates_file(options_.file);
  if (file) named_ = file->files();
  loaded_ = stamp + named_stamps();
  if (!file) co_return std::unexpected(file.error());
  auto key = api_key_of(*file, options_.api_key);
  if (!key) co_return std::unexpected(key.error());
  auto listen = prepare_listen(*file);
  if (!listen) co_return std::unexpected(listen.error());
  const auto ids = co_await sync_gates(io_, submit_, std::move(*key), *file);
  if (!ids) co_return std::unexpected(ids.error());
  auto table = std::make_shared<GatesTable>();
  table->trusted_proxies = file->trusted_proxies.value_or(options_.trusted_proxies);
  for (const auto& service : file->services)
    table->services.push_back(std::make_unique<ServedService>(io_, submit_, log_, service, *ids, server_.find(service.name)));
  server_.use(std::move(table), std::move(*listen));
  log_.info("gates_loaded", {{"file", options_.file.string()},
                             {"services", file->services.size()},
                             {"gates_kept", ids->size()},
                             {"addresses", file->listen.size()}});
  co_return std::expected<void, std::string>();
}

std::expected<std::vector<PreparedListen>, std::string> GatesLoader::prepare_listen(const GatesFile& file) {
  auto certificates = load_certificates(file);
  if (!certificates) return std::unexpected(certificates.error());
  std::vector<PreparedListen> all;
  for (std::size_t i = 0; i < file.listen.size(); ++i) {
    const auto& entry = file.listen[i];
    PreparedListen prepared{.entry = entry, .tls = std::move((*certificates)[i])};
    try {
      if (!server_.has(entry.address)) prepared.bound.emplace(Listener::bind(io_, entry.address)).listen();
    } catch (const boost::system::system_error& failed) {
      return std::unexpected(listen_place(i) + ".address: " + entry.text + ": " + failed.code().message());
    }
    all.push_back(std::move(prepared));
  }
  return all;
}

void GatesLoader::follow() {
  hang_ups_.add(SIGHUP);
  asio::co_spawn(io_, await_hang_ups(), asio::detached);
  asio::co_spawn(io_, poll_files(), asio::detached);
}

void GatesLoader::stop() {
  stopped_ = true;
  hang_ups_.cancel();
  pause_.cancel();
}

asio::awaitable<void> GatesLoader::await_hang_ups() {
  while (!stopped_) {
    const auto [error, signal] = co_await hang_ups_.async_wait(as_result);
    if (error) co_return;
    co_await reload();
  }
}

asio::awaitable<void> GatesLoader::poll_files() {
  for (auto seen = loaded_; !stopped_;) {
    pause_.expires_after(look_every);
    co_await pause_.async_wait(as_result);
    auto now = file_stamp(options_.file) + named_stamps();
    const bool settled = now == std::exchange(seen, now);  // nobody is writing it
    if (!stopped_ && settled && now != loaded_) co_await reload();
  }
}

asio::awaitable<void> GatesLoader::reload() {
  again_ = true;
  if (loading_) co_return;
  loading_ = true;
  while (std::exchange(again_, false)) {
    const auto result = co_await load();
    if (!result)
      log_.error("gates_file_refused", {{"reason", result.error()}, {"detail", "the gates that were loaded before stay"}});
  }
  loading_ = false;
}

std::string GatesLoader::named_stamps() const {
  std::string text;
  for (const auto& path : named_) text += file_stamp(path);
  return text;
}

}  // namespace lntpay::host
