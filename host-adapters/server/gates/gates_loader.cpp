// Everything that can fail comes before the server is given the new table.
#include "host-adapters/server/gates/gates_loader.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "host-adapters/server/gates/gate_sync.hpp"
#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/ops/file_stamp.hpp"
#include "host-adapters/server/ops/moments.hpp"
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

GatesLoader::GatesLoader(ServedBy by, GatesServer& server, GatesOptions options)
    : by_(std::move(by)), server_(server), options_(std::move(options)), hang_ups_(by_.io), pause_(by_.io) {
  read_history();
}

std::expected<void, std::string> GatesLoader::load_first() {
  std::optional<std::expected<void, LoadError>> loaded;
  asio::co_spawn(by_.io, load(),
                 [&loaded](const std::exception_ptr&, std::expected<void, LoadError> result) { loaded = std::move(result); });
  const auto guard = asio::make_work_guard(by_.io);
  while (!loaded) by_.io.run_one();
  if (!*loaded) return std::unexpected(loaded->error().reason);
  return {};
}

asio::awaitable<std::expected<void, LoadError>> GatesLoader::load() try {
  co_return co_await load_file();
} catch (const std::exception& failed) {
  co_return std::unexpected(LoadError{failed.what()});
}

asio::awaitable<std::expected<void, LoadError>> GatesLoader::load_file() {
  const auto stamp = file_stamp(options_.file);  // before it is read: a change in between is found
  const auto file = read_gates_file(options_.file);
  if (file) named_ = file->files();
  loaded_ = stamp + named_stamps();
  if (!file) co_return std::unexpected(LoadError{file.error()});
  auto key = api_key_of(*file, options_.api_key);
  if (!key) co_return std::unexpected(LoadError{key.error()});
  auto listen = prepare_listen(*file);
  if (!listen) co_return std::unexpected(LoadError{listen.error()});
  ApiCalls api(by_.io, by_.submit, std::move(*key));
  const auto ids = co_await sync_gates(api, *file);
  if (!ids && ids.error().is_passing) loaded_.clear();
  if (!ids) co_return std::unexpected(ids.error());
  keep_history(*file, *ids);
  auto table = std::make_shared<GatesTable>();
  table->trusted_proxies = file->trusted_proxies.value_or(options_.trusted_proxies);
  table->history = history_;
  for (const auto& service : file->services)
    table->services.push_back(std::make_unique<ServedService>(by_, service, *ids, server_.find(service.name)));
  server_.use(std::move(table), std::move(*listen));
  by_.log.info("gates_loaded", {{"file", options_.file.string()},
                                {"services", file->services.size()},
                                {"gates_kept", ids->size()},
                                {"addresses", file->listen.size()}});
  co_return std::expected<void, LoadError>();
}

void GatesLoader::read_history() {
  std::ifstream stream(options_.history, std::ios::binary);
  if (!stream) return;
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  if (auto history = PriceHistory::parse(text)) {
    history_ = std::move(*history);
  } else {
    by_.log.warn("gates_history_unreadable", {{"file", options_.history.string()}});
  }
}

void GatesLoader::keep_history(const GatesFile& file, const GateIds& ids) {
  std::vector<PricedService> services;
  for (const auto& service : file.services) {
    auto& priced = services.emplace_back(PricedService{.hosts = service.hosts, .entries = {}});
    for (const auto& price : service.prices) priced.entries.push_back({price.match, gate_of(price, ids)});
  }
  if (!history_.add(services, unix_now()) || options_.history.empty()) return;
  if (const auto written = write_private_file(options_.history, history_.text()); !written)
    by_.log.error("gates_history_not_written", {{"reason", written.error()}});
}

std::expected<std::vector<PreparedListen>, std::string> GatesLoader::prepare_listen(const GatesFile& file) {
  auto certificates = load_certificates(file);
  if (!certificates) return std::unexpected(certificates.error());
  std::vector<PreparedListen> all;
  for (std::size_t i = 0; i < file.listen.size(); ++i) {
    const auto& entry = file.listen[i];
    PreparedListen prepared{.entry = entry, .tls = std::move((*certificates)[i])};
    try {
      if (!server_.has(entry.address)) prepared.bound.emplace(Listener::bind(by_.io, entry.address)).listen();
    } catch (const boost::system::system_error& failed) {
      return std::unexpected(listen_place(i) + ".address: " + entry.text + ": " + failed.code().message());
    }
    all.push_back(std::move(prepared));
  }
  return all;
}

void GatesLoader::follow() {
  hang_ups_.add(SIGHUP);
  asio::co_spawn(by_.io, await_hang_ups(), asio::detached);
  asio::co_spawn(by_.io, poll_files(), asio::detached);
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
    if (result) continue;
    const auto* const detail = result.error().is_passing ? "the gates that were loaded before stay; the file is loaded again soon"
                                                         : "the gates that were loaded before stay";
    by_.log.error("gates_file_refused", {{"reason", result.error().reason}, {"detail", detail}});
  }
  loading_ = false;
}

std::string GatesLoader::named_stamps() const {
  std::string text;
  for (const auto& path : named_) text += file_stamp(path);
  return text;
}

}  // namespace lntpay::host
