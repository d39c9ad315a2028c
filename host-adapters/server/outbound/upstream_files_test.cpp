// lnd's files are read again when they change.
#include "host-adapters/server/outbound/upstream_files.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/support/host/temp_folder.hpp"

namespace upstream_files_test {
using namespace lntpay::host;

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

/// Longer than the time between two checks.
void wait_for_check() { std::this_thread::sleep_for(std::chrono::milliseconds(1'100)); }

}  // namespace

TEST_CASE("a renewed macaroon is used without a restart; a broken one keeps the former") {
  const lntpay::test::TempFolder folder;
  LndOptions options{
      .url = "https://127.0.0.1:8080", .certificate = {}, .public_key = {}, .receive_macaroon = {}, .pay_macaroon = {}};
  options.receive_macaroon = folder.path() / "receive.macaroon";
  write(options.receive_macaroon, "0201aa");
  auto first = lnd_upstreams(options);
  REQUIRE_MESSAGE(first.has_value(), first.error());
  std::vector<std::string> changes;
  UpstreamFiles files(options, *first, [&](const auto& changed) { changes.push_back(changed ? "" : changed.error()); });
  CHECK(files.find("lnd-receive")->header == "grpc-metadata-macaroon: 0201aa");
  CHECK(files.find("lnd-pay") == nullptr);

  wait_for_check();
  write(options.receive_macaroon, "0201bbbb");
  CHECK(files.find("lnd-receive")->header == "grpc-metadata-macaroon: 0201bbbb");
  CHECK(changes == std::vector<std::string>{""});

  wait_for_check();
  write(options.receive_macaroon, "nonsense");
  CHECK(files.find("lnd-receive")->header == "grpc-metadata-macaroon: 0201bbbb");
  REQUIRE(changes.size() == 2);
  CHECK(changes[1].starts_with("--lnd-receive-macaroon: "));
}

TEST_CASE("a renewed certificate is used without a restart; a broken one keeps the former") {
  const lntpay::test::TempFolder folder;
  LndOptions options{
      .url = "https://127.0.0.1:8080", .certificate = {}, .public_key = {}, .receive_macaroon = {}, .pay_macaroon = {}};
  options.certificate = folder.path() / "tls.cert";
  options.receive_macaroon = folder.path() / "receive.macaroon";
  options.pay_macaroon = folder.path() / "pay.macaroon";
  const std::string first_pem = "-----BEGIN CERTIFICATE-----\nfirst\n-----END CERTIFICATE-----\n";
  const std::string renewed_pem = "-----BEGIN CERTIFICATE-----\nrenewed\n-----END CERTIFICATE-----\n";
  write(options.certificate, first_pem);
  write(options.receive_macaroon, "0201aa");
  write(options.pay_macaroon, "0201bb");
  auto first = lnd_upstreams(options);
  REQUIRE_MESSAGE(first.has_value(), first.error());
  std::vector<std::string> changes;
  UpstreamFiles files(options, *first, [&](const auto& changed) { changes.push_back(changed ? "" : changed.error()); });
  const auto held = files.find("lnd-receive");
  CHECK(held->certificate == first_pem);

  wait_for_check();
  write(options.certificate, renewed_pem);
  for (const auto* name : {"lnd-receive", "lnd-pay"}) CHECK(files.find(name)->certificate == renewed_pem);
  CHECK(held->certificate == first_pem);  // a running exchange keeps its certificate
  CHECK(changes == std::vector<std::string>{""});

  wait_for_check();
  write(options.certificate, "half a fi");
  for (const auto* name : {"lnd-receive", "lnd-pay"}) CHECK(files.find(name)->certificate == renewed_pem);
  REQUIRE(changes.size() == 2);
  CHECK(changes[1].starts_with("--lnd-certificate: "));
}

}  // namespace upstream_files_test
