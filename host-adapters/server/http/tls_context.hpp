// TLS of a listening address: its certificates, and the one that a client gets. TLS 1.2 and 1.3; ALPN offers http/1.1 alone.
#pragma once
#include <boost/asio/ssl/context.hpp>
#include <deque>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lntpay::host {

/// PEM files: the certificate with its chain, and its private key without a passphrase, which nobody but the owner may read.
struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
  bool operator==(const CertificateFiles&) const = default;
};

/// Connections hold the one that they began with.
class TlsContext {
 public:
  /// At least one pair. A client gets the first certificate that covers the name that it asks for (SNI), else the first of all.
  /// The error names the file and what to do.
  static std::expected<std::shared_ptr<TlsContext>, std::string> load(const std::vector<CertificateFiles>& files);

  TlsContext() = default;
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// For new connections.
  [[nodiscard]] boost::asio::ssl::context& context() { return contexts_.front(); }

 private:
  std::expected<void, std::string> add(const CertificateFiles& files);
  static int choose(SSL* connection, int* alert, void* self);

  std::deque<boost::asio::ssl::context> contexts_;
};

}  // namespace lntpay::host
