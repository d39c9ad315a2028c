// Certificates of a listening address: the files that are refused, and why. Handshakes: tests/e2e/gates-file.test.mjs.
#include "host-adapters/server/http/tls_context.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cstdio>
#include <memory>

#include "tests/support/host/temp_folder.hpp"

namespace tls_context_test {
using namespace lntpay::host;

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

/// Self-signed, in files of these names.
CertificateFiles make_pair(const lntpay::test::TempFolder& folder, const std::string& name) {
  const CertificateFiles files{folder.file(name + ".crt"), folder.file(name + ".key")};
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
  X509_set_pubkey(certificate.get(), key.get());
  REQUIRE(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  PEM_write_X509(File(std::fopen(files.certificate.c_str(), "w"), std::fclose).get(), certificate.get());
  PEM_write_PrivateKey(File(std::fopen(files.key.c_str(), "w"), std::fclose).get(), key.get(), nullptr, nullptr, 0, nullptr,
                       nullptr);
  REQUIRE(chmod(files.key.c_str(), 0600) == 0);
  return files;
}

std::string error_of(const std::vector<CertificateFiles>& files) {
  const auto loaded = TlsContext::load(files);
  return loaded ? "" : loaded.error();
}

}  // namespace

TEST_CASE("certificates are loaded with their keys, and refused by name without them") {
  const lntpay::test::TempFolder folder;
  const auto first = make_pair(folder, "first"), second = make_pair(folder, "second");
  CHECK(error_of({first, second}) == "");
  CHECK(
      error_of({first, {second.certificate, first.key}}).contains("first.key: does not belong to " + second.certificate.string()));
  CHECK(error_of({{folder.file("none.crt"), first.key}}).contains("none.crt: is no readable certificate in PEM"));
  CHECK(error_of({{first.certificate, first.certificate}}).contains("first.crt has mode"));
  CHECK(error_of({{first.certificate, folder.file("none.key")}}).contains("none.key: No such file"));
  std::filesystem::permissions(first.certificate, std::filesystem::perms::owner_read);
  CHECK(error_of({{second.certificate, first.certificate}}).contains("first.crt: is no readable private key in PEM"));
  REQUIRE(chmod(first.key.c_str(), 0640) == 0);
  CHECK(error_of({first}).contains("chmod 600"));
}

}  // namespace tls_context_test
