// Serves the hosts of a gates file on its addresses: finds the service of a request, decides, and hands it to the proxy of its gate
// and upstream.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host-adapters/server/gates/gates_table.hpp"
#include "host-adapters/server/gates/rules/free_quota.hpp"
#include "host-adapters/server/http/listener.hpp"
#include "host-adapters/server/http/tls_context.hpp"
#include "host-adapters/server/ops/moments.hpp"

namespace lntpay::host {

/// An address that a file names, ready for use.
struct PreparedListen {
  ListenEntry entry;
  std::shared_ptr<TlsContext> tls;                        ///< null: without TLS
  std::optional<boost::asio::ip::tcp::acceptor> bound{};  ///< and listening; none: the server listens there already
};

/// Lives on the thread that runs `io`; the worker that serves `submit` must be stopped before `io` is destroyed.
class GatesServer final : private ConnectionHandler {
 public:
  using Endpoint = boost::asio::ip::tcp::endpoint;

  /// `connections_max`: of all its addresses together.
  GatesServer(boost::asio::io_context& io, GatePolicy::Submit submit, const Log& log, std::size_t connections_max);
  ~GatesServer();

  /// The service of this name in the table that is used now; null: there is none.
  [[nodiscard]] const ServedService* find(const std::string& service) const;
  /// Listens, or will once `use` was called, on that address.
  [[nodiscard]] bool has(const Endpoint& address) const { return doors_.contains(address); }
  /// Serves new requests by this table, on these addresses. Requests in progress end under the former table; connections of an
  /// address that the table no longer names close after their next response.
  void use(std::shared_ptr<GatesTable> table, std::vector<PreparedListen> listen);
  void drain();
  [[nodiscard]] std::size_t connections() const;

 private:
  struct Door;

  boost::asio::awaitable<void> serve(Connection& client) override;
  boost::asio::awaitable<void> turn_away(Connection& client) override;
  /// Whether the client's connection can take another request.
  boost::asio::awaitable<bool> handle(DownstreamRequest& downstream, const GatesTable& table);
  boost::asio::awaitable<bool> at_service(DownstreamRequest& downstream, const GatesTable& table, ServedService& served);
  /// By a credential of a gate that had the price of the request before. Nullopt: none passes, and nothing was sent.
  static boost::asio::awaitable<std::optional<bool>> by_former_gate(DownstreamRequest& downstream, const GatesTable& table,
                                                                    ServedService& served, ServedService::Upstream& upstream,
                                                                    const std::string& present);
  void warn_when_full(const Service& service, const FreeQuota& quota);

  boost::asio::io_context& io_;
  const Log& log_;
  std::size_t connections_max_;
  GateProxyOptions options_;  ///< of heads and times
  GatePolicy refusals_;
  Moments moments_;
  std::shared_ptr<GatesTable> table_ = std::make_shared<GatesTable>();
  std::map<Endpoint, std::unique_ptr<Door>> doors_;
  std::vector<std::unique_ptr<Door>> closing_;  ///< of addresses that are no longer named, until their connections have ended
  std::map<std::string, FreeQuota> quotas_;     ///< by the service's name: those of a service outlive a load
  std::map<std::string, bool> warned_;          ///< by the service's name
};

}  // namespace lntpay::host
