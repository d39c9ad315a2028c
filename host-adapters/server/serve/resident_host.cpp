// Building the host's parts in order, and draining them.
#include "host-adapters/server/serve/resident_host.hpp"

#include <curl/curl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <csignal>
#include <future>
#include <system_error>
#include <utility>

#include "host-adapters/common/native_instance.hpp"
#include "host-adapters/server/engine/wasm/wasm_instance.hpp"
#include "host-adapters/server/ops/store_format.hpp"
#include "host-adapters/server/outbound/dns_resolver.hpp"
#include "host-adapters/server/serve/store_opening.hpp"
#include "host-adapters/stores/memory/memory_store.hpp"
#include "host-adapters/stores/sqlite/disk_error.hpp"
#include "host-adapters/stores/volatile_store.hpp"

namespace lntpay::host {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds drain_time_max{5};
constexpr std::chrono::milliseconds drain_poll_every{20};
constexpr std::size_t descriptors_reserved = 256;  ///< for the store, outbound connections and the rest of the process
constexpr std::size_t sessions_max_isolated = 1'000;
constexpr std::size_t gates_connections_max = 8'192;

/// Raises the soft limit on open files to the hard one; returns the number left for client connections.
std::size_t descriptors_for_clients() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 512;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto all = static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, 1U << 20));
  return all > 2 * descriptors_reserved ? all - descriptors_reserved : all / 2;
}

std::filesystem::path in_program_folder(const char* name) {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path(name) : program.parent_path() / name;
}

std::string url_of(const boost::asio::ip::tcp::endpoint& at) {
  const std::string host = at.address().is_v6() ? "[" + at.address().to_string() + "]" : at.address().to_string();
  return "http://" + host + ":" + std::to_string(at.port());
}

class Outbound final : public Fetching {
 public:
  Outbound(Fetching& webhooks, Fetching& node) : webhooks_(webhooks), node_(node) {}
  void fetch(Outgoing asked, Done done) override {
    auto& fetching = asked.upstream == "webhook" ? webhooks_ : node_;
    fetching.fetch(std::move(asked), std::move(done));
  }

 private:
  Fetching& webhooks_;
  Fetching& node_;
};

}  // namespace

ResidentHost::ResidentHost(ServeOptions options, WrapInstance wrap)
    : options_(std::move(options)),
      wrap_(std::move(wrap)),
      log_(log_level(options_.log_level).value_or(LogLevel::info)),
      io_(1),
      signals_(io_),
      draining_(io_) {}

ResidentHost::~ResidentHost() {
  node_stream_.reset();
  if (worker_) worker_->stop();
  fetcher_.reset();
}

std::expected<void, std::string> ResidentHost::start() try {
  const auto address = parse_listen(options_.listen);
  if (!address) return std::unexpected("--listen: " + address.error());
  const auto rate = parse_rate_limit(options_.rate_limit);
  if (!rate) return std::unexpected("--rate-limit: " + rate.error());
  boost::system::error_code error;
  const auto host = boost::asio::ip::make_address(address->host, error);
  if (error) return std::unexpected("--listen " + options_.listen + ": the address must be numeric, such as 127.0.0.1:8402");

  auto trusted = TrustedProxies::parse(options_.trusted_proxies);
  if (!trusted) return std::unexpected("--trusted-proxies: " + trusted.error());
  trusted_proxies_ = std::move(*trusted);
  if (!options_.name_servers.empty())
    if (auto good = check_name_servers(options_.name_servers); !good) return std::unexpected("--name-servers: " + good.error());

  auto files = StaticFiles::load(options_.resources.empty() ? in_program_folder("resources") : options_.resources);
  if (!files) return std::unexpected("--resources: " + files.error());
  files_ = std::move(*files);

  std::error_code made;
  const bool fresh = std::filesystem::create_directories(options_.data, made);
  if (made) return std::unexpected("the data folder " + options_.data.string() + ": " + disk_error(made.value(), options_.data));
  if (fresh) std::filesystem::permissions(options_.data, std::filesystem::perms::owner_all, made);
  auto upstreams = lnd_upstreams(options_.lnd);
  if (!upstreams) return std::unexpected(upstreams.error());
  auto secrets = load_secrets(options_.data);
  if (!secrets) return std::unexpected(secrets.error());
  secrets_ = std::move(*secrets);

  auto bound = Listener::bind(io_, {host, address->port});
  const std::string url = url_of(bound.local_endpoint());
  base_url_ = options_.base_url.empty() ? url : options_.base_url;
  const std::string config = engine_config(options_, secrets_, *rate, base_url_);
  for (Engine* engine : {&pure_, &egress_})
    if (auto configured = engine->configure(config); !configured) return std::unexpected("configuration: " + configured.error());
  auto make_instance = make_engine(config);
  if (!make_instance) return std::unexpected(make_instance.error());
  if (wrap_) make_instance = [make = *std::move(make_instance), wrap = wrap_] { return make().transform(wrap); };
  auto store = open_store();
  if (!store) return std::unexpected(store.error());

  if (auto started = start_worker(std::move(*store), std::move(*make_instance), std::move(*upstreams)); !started) return started;
  bound_.emplace(std::move(bound));
  return bind_proxy();
} catch (const boost::system::system_error& failed) {
  return std::unexpected("--listen " + options_.listen + ": " + failed.code().message());
}

std::expected<void, std::string> ResidentHost::start_worker(std::unique_ptr<Store> store, MakeInstance make_instance,
                                                            Upstreams upstreams) {
  // The owner of the endpoint gets one text for both: only this log has the difference.
  const auto log_unusable = [this](std::string_view name, std::string_view reason) {
    log_.info("webhook_name_refused", {{"name", name}, {"reason", reason}});
  };
  fetcher_ = std::make_unique<Fetcher>(
      [this](auto url, auto addresses) { return egress_.may_connect(url, addresses); }, metrics_,
      FetcherOptions{.on_unusable_name = log_unusable},
      [this] { return std::make_unique<DnsResolver>(DnsOptions{.name_servers = options_.name_servers}); });
  auto files = std::make_unique<UpstreamFiles>(options_.lnd, std::move(upstreams), [this](const auto& changed) {
    if (changed) return log_.info("lnd_files_reloaded", {});
    log_.error("lnd_files_refused", {{"reason", changed.error()}});
  });
  node_fetcher_ = std::make_unique<Fetcher>(no_webhooks, metrics_, FetcherOptions{}, resolve_by_system, std::move(files));
  outbound_ = std::make_unique<Outbound>(*fetcher_, *node_fetcher_);
  WorkerOptions worker_options;
  if (options_.isolation == "session") {
    worker_options.isolation = Isolation::session;
    worker_options.sessions.sessions_max = sessions_max_isolated;
  }
  worker_ = std::make_unique<Worker>(worker_options, std::move(store), std::move(make_instance), *outbound_, log_, metrics_);
  if (auto started = worker_->start(); !started) return std::unexpected("engine: " + started.error());

  if (!options_.lnd.url.empty()) {
    auto submit = [this](Input input, Answer answer) { worker_->submit(std::move(input), std::move(answer)); };
    node_stream_ = std::make_unique<NodeStream>(io_, std::move(submit), *node_fetcher_, log_);
    node_stream_->start();
  }
  return {};
}

std::expected<void, std::string> ResidentHost::bind_proxy() try {
  const auto& proxy = options_.proxy;
  if (proxy.listen.empty() && proxy.gate.empty() && proxy.service.empty()) return {};
  if (proxy.listen.empty() || proxy.gate.empty() || proxy.service.empty()) {
    return std::unexpected(
        "give --proxy-listen, --proxy-gate and --proxy-service together (--proxy-gate none forwards every request)");
  }
  const auto address = parse_listen(proxy.listen);
  const auto service = parse_service(proxy.service);
  if (!address || !service)
    return std::unexpected(!address ? "--proxy-listen: " + address.error() : "--proxy-service: " + service.error());
  boost::system::error_code error;
  const auto host = boost::asio::ip::make_address(address->host, error);
  if (error) return std::unexpected("--proxy-listen " + proxy.listen + ": the address must be numeric, such as 127.0.0.1:8480");
  proxy_bound_.emplace(Listener::bind(io_, {host, address->port}));
  GateProxyOptions made;
  if (proxy.gate != "none") made.gate = proxy.gate;
  made.trusted_proxies = trusted_proxies_;
  made.service_host = service->first;
  made.service_port = service->second;
  // Each may have a connection to the service as well; the API keeps half of all descriptors.
  made.connections_max = std::min(made.connections_max, descriptors_for_clients() / 4);
  auto submit = [this](Input input, Answer answer) { worker_->submit(std::move(input), std::move(answer)); };
  proxy_ = std::make_unique<GateProxy>(io_, std::move(submit), log_, std::move(made));
  return {};
} catch (const boost::system::system_error& failed) {
  return std::unexpected("--proxy-listen " + options_.proxy.listen + ": " + failed.code().message());
}

std::expected<void, std::string> ResidentHost::open_gates(const std::string& api_key) {
  if (options_.gates.empty()) return {};
  const auto submit = [this](Input input, Answer answer) { worker_->submit(std::move(input), std::move(answer)); };
  const auto share = std::min(gates_connections_max, descriptors_for_clients() / 4);  // each has a second one, to a service
  upstream_names_ = std::make_unique<DnsResolver>(DnsOptions{.name_servers = options_.name_servers, .search_domains = true});
  gates_ = std::make_unique<GatesServer>(io_, submit, log_, share);
  gates_loader_ = std::make_unique<GatesLoader>(ServedBy{io_, submit, log_, *upstream_names_}, *gates_,
                                                GatesOptions{.file = options_.gates,
                                                             .history = options_.data / "gates-history.json",
                                                             .trusted_proxies = trusted_proxies_,
                                                             .api_key = api_key});
  if (auto loaded = gates_loader_->load_first(); !loaded) return std::unexpected("--gates: " + loaded.error());
  gates_loader_->follow();
  return {};
}

void ResidentHost::listen() {
  HttpOptions http_options;
  http_options.trusted_proxies = trusted_proxies_;
  http_options.files = std::move(files_);
  http_options.connections_max = std::min(http_options.connections_max, descriptors_for_clients() / (proxy_ || gates_ ? 2 : 1));
  http_ = std::make_unique<HttpServer>(io_, *worker_, pure_, http_options, log_, metrics_);
  const auto url = url_of(bound_->local_endpoint());
  http_->listen(std::move(*bound_));
  if (proxy_) {
    log_.info("proxy_listening", {{"url", url_of(proxy_bound_->local_endpoint())}, {"gate", options_.proxy.gate}});
    proxy_->listen(std::move(*proxy_bound_));
  }
  log_.info("listening", {{"url", url}, {"engine", options_.engine}, {"store", options_.store}});
}

std::expected<std::unique_ptr<Store>, std::string> ResidentHost::open_store() try {
  std::unique_ptr<Store> durable;
  if (options_.store == "memory") {
    durable = std::make_unique<MemoryStore>();
    if (auto known = expect_rows_format(*durable, "memory"); !known) return std::unexpected(known.error());
  } else {
    auto opened = open_sqlite(options_, secrets_, log_);
    if (!opened) return std::unexpected(opened.error());
    durable = *std::move(opened);
  }
  const auto has_rows = has_workspaces(*durable);
  if (!has_rows) return std::unexpected(options_.data.string() + " cannot be read. Check the disk and the system's log");
  store_is_new_ = !*has_rows;
  return std::make_unique<VolatileStore>(std::move(durable));
} catch (const std::exception& failed) {
  return std::unexpected(std::string(failed.what()));
}

std::expected<MakeInstance, std::string> ResidentHost::make_engine(const std::string& config) {
  if (options_.engine == "native") return native_instances(config);
  WasmLimits limits;
  if (options_.isolation == "session") {
    limits.instances_max = sessions_max_isolated + 64;
    limits.memory_bytes_max = 64ULL << 20;
  }
  const auto path = options_.component.empty() ? in_program_folder("lntpay.wasm") : options_.component;
  auto engine = WasmEngine::load(path, options_.data, limits);
  if (!engine) return std::unexpected(engine.error());
  return wasm_instances(std::move(*engine), config);
}

void ResidentHost::run() {
  std::signal(SIGPIPE, SIG_IGN);
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    signals_.async_wait([](const boost::system::error_code& again, int) {
      if (!again) _exit(130);
    });
    drain();
  });
  io_.run();
  worker_->stop();
  log_.info("stopped");
}

void ResidentHost::drain() {
  log_.info("draining", {{"connections", http_->connections()}});
  drained_by_ = SteadyClock::now() + drain_time_max;
  http_->drain();
  if (proxy_) proxy_->drain();
  if (gates_) {
    gates_loader_->stop();
    gates_->drain();
  }
  if (node_stream_) node_stream_->stop();
  worker_->drain();
  end_when_idle();
}

void ResidentHost::end_when_idle() {
  const bool proxied = (proxy_ && proxy_->connections() > 0) || (gates_ && gates_->connections() > 0);
  if ((http_->connections() == 0 && !proxied && worker_->idle()) || SteadyClock::now() >= drained_by_) {
    io_.stop();
    return;
  }
  draining_.expires_after(drain_poll_every);
  draining_.async_wait([this](const boost::system::error_code& error) {
    if (!error) end_when_idle();
  });
}

Response ResidentHost::request(Request asked) {
  std::promise<Outcome> done;
  auto outcome = done.get_future();
  worker_->submit(input::Http{std::move(asked)}, [&done](Outcome each) { done.set_value(std::move(each)); });
  return outcome.get().response.value_or(Response{500, {}, ""});
}

}  // namespace lntpay::host
