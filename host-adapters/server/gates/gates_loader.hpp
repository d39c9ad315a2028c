// Loads a gates file: at start, on SIGHUP, and when it or a file that it names has changed. A file that cannot be used changes
// nothing.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "host-adapters/server/gates/api_calls.hpp"
#include "host-adapters/server/gates/file/gates_file.hpp"
#include "host-adapters/server/gates/gates_server.hpp"

namespace lntpay::host {

struct GatesOptions {
  std::filesystem::path file;
  std::filesystem::path history{};   ///< where the price history is kept
  TrustedProxies trusted_proxies{};  ///< where the file names none
  std::string api_key{};             ///< where the file names none; empty: there is none
};

/// Reads the certificates of the file's addresses; null where there is no TLS. The error names the place in the file.
std::expected<std::vector<std::shared_ptr<TlsContext>>, std::string> load_certificates(const GatesFile& file);
/// The API key in the file that it names, which nobody but its owner may read; else `fallback`. Fails also where the file keeps
/// gates and there is no key.
std::expected<std::string, std::string> api_key_of(const GatesFile& file, const std::string& fallback);

/// Lives on the thread that runs its io_context; `server` must outlive it.
class GatesLoader {
 public:
  GatesLoader(ServedBy by, GatesServer& server, GatesOptions options);

  /// Loads the file and listens; runs the io_context until that is done. The error is for the operator.
  std::expected<void, std::string> load_first();
  /// Loads the file again when it changes, until `stop`.
  void follow();
  void stop();

 private:
  boost::asio::awaitable<std::expected<void, LoadError>> load();
  boost::asio::awaitable<std::expected<void, LoadError>> load_file();
  boost::asio::awaitable<void> poll_files();
  boost::asio::awaitable<void> await_hang_ups();
  boost::asio::awaitable<void> reload();
  std::expected<std::vector<PreparedListen>, std::string> prepare_listen(const GatesFile& file);
  void read_history();
  void keep_history(const GatesFile& file, const GateIds& ids);
  [[nodiscard]] std::string named_stamps() const;

  ServedBy by_;
  GatesServer& server_;
  GatesOptions options_;
  std::vector<std::filesystem::path> named_;  ///< by the file as it was last read
  std::string loaded_;                        ///< stamps of all of them at the last attempt to load; empty: try again
  PriceHistory history_;
  boost::asio::signal_set hang_ups_;
  boost::asio::steady_timer pause_;
  bool loading_ = false;
  bool again_ = false;
  bool stopped_ = false;
};

}  // namespace lntpay::host
