// One OpenSSL context for each certificate; the first chooses among them.
#include "host-adapters/server/http/tls_context.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>
#include <tuple>

#include "host-adapters/server/ops/private_file.hpp"

namespace lntpay::host {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::string_view alpn_http_1_1("\x08http/1.1", 9);

/// Refuses clients that offer only other protocols (RFC 7301, section 3.2), such as h2: their requests could not be read.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  const auto* ours = reinterpret_cast<const unsigned char*>(alpn_http_1_1.data());
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, chosen_size, ours, static_cast<unsigned>(alpn_http_1_1.size()), offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::unexpected<std::string> unusable(const std::filesystem::path& file, const std::string& why) {
  return std::unexpected(file.string() + ": " + why);
}

}  // namespace

std::expected<std::shared_ptr<TlsContext>, std::string> TlsContext::load(const std::vector<CertificateFiles>& files) {
  auto made = std::make_shared<TlsContext>();
  for (const auto& each : files)
    if (auto added = made->add(each); !added) return std::unexpected(added.error());
  auto* first = made->context().native_handle();
  SSL_CTX_set_tlsext_servername_callback(first, choose);
  SSL_CTX_set_tlsext_servername_arg(first, made.get());
  return made;
}

std::expected<void, std::string> TlsContext::add(const CertificateFiles& files) {
  auto& context = contexts_.emplace_back(ssl::context::tls_server);
  context.set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                      ssl::context::no_tlsv1_1 | ssl::context::single_dh_use);
  SSL_CTX_set_alpn_select_cb(context.native_handle(), choose_protocol, nullptr);
  boost::system::error_code error;
  // Without this, OpenSSL asks for a passphrase on the terminal.
  std::ignore = context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  std::ignore = context.use_certificate_chain_file(files.certificate.string(), error);
  if (error)
    return unusable(files.certificate, "is no readable certificate in PEM (" + error.message() + "). Name the file with the chain");
  if (auto kept = check_private_file(files.key); !kept) return std::unexpected(kept.error());
  std::ignore = context.use_private_key_file(files.key.string(), ssl::context::pem, error);
  if (error) {
    const bool mismatch = SSL_CTX_check_private_key(context.native_handle()) != 1 && error.message().contains("mismatch");
    return unusable(files.key, mismatch ? "does not belong to " + files.certificate.string() + ". Name the key of that certificate"
                                        : "is no readable private key in PEM without a passphrase (" + error.message() + ")");
  }
  return {};
}

int TlsContext::choose(SSL* connection, int*, void* self) {
  const auto* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_OK;
  for (auto& each : static_cast<TlsContext*>(self)->contexts_) {
    auto* certificate = SSL_CTX_get0_certificate(each.native_handle());
    if (certificate == nullptr || X509_check_host(certificate, name, 0, 0, nullptr) != 1) continue;
    SSL_set_SSL_CTX(connection, each.native_handle());
    break;
  }
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace lntpay::host
