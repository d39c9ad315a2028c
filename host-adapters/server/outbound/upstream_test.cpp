// The options for lnd; their errors never contain a file's content.
#include "host-adapters/server/outbound/upstream.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/host/temp_folder.hpp"

namespace upstream_test {
using namespace lntpay::host;
namespace fs = std::filesystem;

namespace {

/// A folder of files, as an operator may have them.
struct Folder : lntpay::test::TempFolder {
  Folder() {
    write("tls.cert", "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n");
    write("binary.macaroon", std::string("\x02\x01\x03lnd", 6));
    write("hex.macaroon", "0201036c6e64\n");
    write("other.macaroon", "secret words");
    write("open.macaroon", "0201036c6e64");
    fs::permissions(path() / "open.macaroon", fs::perms::group_read, fs::perm_options::add);
  }

  void write(const char* name, const std::string& text) const {
    std::ofstream(path() / name, std::ios::binary) << text;
    fs::permissions(path() / name, fs::perms::owner_read | fs::perms::owner_write);
  }
};

/// The error, with file names in place of paths.
std::string refused(const Folder& folder, const LndOptions& options) {
  const auto upstreams = lnd_upstreams(options);
  if (upstreams) return "taken";
  auto error = upstreams.error();
  const auto prefix = folder.path().string() + "/";
  for (auto at = error.find(prefix); at != std::string::npos; at = error.find(prefix)) error.erase(at, prefix.size());
  return error;
}

}  // namespace

TEST_CASE("without a URL there is no node") { CHECK(lnd_upstreams({})->empty()); }

TEST_CASE("macaroons are read in the forms that lncli writes, binary or hex") {
  const Folder folder;
  const auto upstreams = lnd_upstreams({.url = "https://node:8080",
                                        .certificate = folder.path() / "tls.cert",
                                        .receive_macaroon = folder.path() / "binary.macaroon",
                                        .pay_macaroon = folder.path() / "hex.macaroon"});
  REQUIRE(upstreams);
  CHECK(upstreams->at("lnd-receive").url == "https://node:8080");
  CHECK(upstreams->at("lnd-receive").certificate.starts_with("-----BEGIN"));
  CHECK(upstreams->at("lnd-receive").header == "grpc-metadata-macaroon: 0201036c6e64");
  CHECK(upstreams->at("lnd-pay").header == "grpc-metadata-macaroon: 0201036c6e64");
}

TEST_CASE("a host without the paying macaroon has no upstream to pay with") {
  const Folder folder;
  const auto upstreams = lnd_upstreams({.url = "http://127.0.0.1:8080", .receive_macaroon = folder.path() / "hex.macaroon"});
  REQUIRE(upstreams);
  CHECK(upstreams->size() == 1);
}

TEST_CASE("an invalid option is refused by name, without showing a secret") {
  const Folder folder;
  const LndOptions good{.url = "https://node:8080", .receive_macaroon = folder.path() / "hex.macaroon"};
  const auto with = [&](auto change) {
    auto options = good;
    change(options);
    return refused(folder, options);
  };
  CHECK(with([](LndOptions&) {}) == "taken");
  CHECK(with([](LndOptions& o) { o.url = "node:8080"; }) == "--lnd-url: node:8080 is not of the form https://HOST:PORT");
  CHECK(with([](LndOptions& o) { o.url = "https://node:8080/v1"; }) ==
        "--lnd-url: give https://HOST:PORT without a path, query or user");
  CHECK(with([](LndOptions& o) { o.url = "https://me@node"; }) ==
        "--lnd-url: give https://HOST:PORT without a path, query or user");
  CHECK(with([](LndOptions& o) { o.url = "http://node:8080"; }) ==
        "--lnd-url: http:// is accepted for a node on this machine only. Use https://");
  CHECK(with([](LndOptions& o) { o.url = "http://localhost.example"; }) ==
        "--lnd-url: http:// is accepted for a node on this machine only. Use https://");
  CHECK(with([](LndOptions& o) { o.receive_macaroon.clear(); }) ==
        "--lnd-receive-macaroon: is required with --lnd-url. Bake one as in docs/lnd.md");
  CHECK(with([&](LndOptions& o) { o.receive_macaroon = folder.path() / "none"; }) ==
        "--lnd-receive-macaroon: none: No such file or directory");
  CHECK(with([&](LndOptions& o) { o.receive_macaroon = folder.path() / "other.macaroon"; }) ==
        "--lnd-receive-macaroon: other.macaroon is neither a macaroon (binary or hex) nor the token of a node-proxy");
  CHECK(with([&](LndOptions& o) { o.pay_macaroon = folder.path() / "open.macaroon"; }) ==
        "--lnd-pay-macaroon: open.macaroon has mode 0640, so other users may have access to the secret in it. Run: chmod 600 "
        "open.macaroon");
  CHECK(with([&](LndOptions& o) { o.certificate = folder.path() / "other.macaroon"; }) ==
        "--lnd-certificate: other.macaroon is not a certificate in PEM. Give lnd's tls.cert");
  CHECK(with([](LndOptions& o) { o.public_key = "sha256//abc"; }) ==
        "--lnd-public-key: give sha256//BASE64, the SHA-256 of the key in DER");
  CHECK(with([&](LndOptions& o) {
          o.certificate = folder.path() / "tls.cert";
          o.public_key = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        }) == "--lnd-public-key: give this or --lnd-certificate, not both");
}

}  // namespace upstream_test
