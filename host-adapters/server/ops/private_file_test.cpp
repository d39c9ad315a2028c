// Private files: the permissions that are refused, the message, and the result of a write.
#include "host-adapters/server/ops/private_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "host-adapters/server/ops/secrets.hpp"
#include "tests/support/host/temp_folder.hpp"

namespace private_file_test {
using namespace lntpay::host;
using lntpay::test::TempFolder;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path) {
  struct stat about{};
  REQUIRE(stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777;
}

}  // namespace

TEST_CASE("a file to which only its owner has access is accepted") {
  const TempFolder folder;
  const auto path = folder.path() / "token";
  REQUIRE(write_private_file(path, "secret"));
  for (const mode_t mode : {0600U, 0400U, 0700U}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    CHECK(check_private_file(path));
  }
}

TEST_CASE("every permission of the group and of others is refused") {
  const TempFolder folder;
  const auto path = folder.path() / "token";
  REQUIRE(write_private_file(path, "secret"));
  for (const mode_t bit : {0001U, 0002U, 0004U, 0010U, 0020U, 0040U}) {
    CAPTURE(bit);
    REQUIRE(chmod(path.c_str(), 0600 | bit) == 0);
    CHECK_FALSE(check_private_file(path));
  }
}

TEST_CASE("the refusal states the mode and the command that corrects it") {
  const TempFolder folder;
  const auto path = folder.path() / "token";
  REQUIRE(write_private_file(path, "secret"));
  REQUIRE(chmod(path.c_str(), 0640) == 0);
  CHECK(check_private_file(path).error() ==
        path.string() + " has mode 0640, so other users may have access to the secret in it. Run: chmod 600 " + path.string());
  CHECK(check_private_file(folder.path() / "none").error() == (folder.path() / "none").string() + ": No such file or directory");
}

TEST_CASE("secrets.json is refused when its group can read it") {
  const TempFolder folder;
  REQUIRE(load_secrets(folder.path()));
  const auto path = folder.path() / "secrets.json";
  CHECK(mode_of(path) == 0600);
  REQUIRE(load_secrets(folder.path()));
  REQUIRE(chmod(path.c_str(), 0640) == 0);
  CHECK(load_secrets(folder.path()).error().contains("has mode 0640"));
}

TEST_CASE("a private file is replaced with mode 0600, whatever its mode was") {
  const TempFolder folder;
  const auto path = folder.path() / "token";
  std::ofstream(path) << "previous";
  REQUIRE(chmod(path.c_str(), 0644) == 0);
  REQUIRE(write_private_file(path, "next"));
  CHECK(mode_of(path) == 0600);
  std::ifstream file(path);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "next");
  CHECK_FALSE(fs::exists(folder.path() / "token.new"));
}

TEST_CASE("a private file that cannot be written names path and cause") {
  const TempFolder folder;
  const auto path = folder.path() / "no" / "token";
  CHECK(write_private_file(path, "secret").error() == path.string() +
                                                          " cannot be written: No such file or directory. Create the folder " +
                                                          path.parent_path().string() + ", or name another one");
}

TEST_CASE("secrets record that a store was made for them, and keep their fingerprint") {
  const TempFolder folder;
  const auto made = load_secrets(folder.path());
  REQUIRE(made);
  CHECK_FALSE(made->store_made);
  REQUIRE(record_store_made(folder.path()));
  const auto read = load_secrets(folder.path());
  REQUIRE(read);
  CHECK(read->store_made);
  CHECK(read->operator_token == made->operator_token);
  CHECK(read->fingerprint() == made->fingerprint());
  CHECK(mode_of(folder.path() / "secrets.json") == 0600);
}

TEST_CASE("the fingerprint is of pepper and seal: other secrets can be replaced") {
  const HostSecrets own{std::string(64, '1'), std::string(64, '2'), "c", "g", "token"};
  auto replaced = own;
  replaced.cursor_key = replaced.gate_key = replaced.operator_token = "new";
  CHECK(replaced.fingerprint() == own.fingerprint());
  auto other = own;
  other.seal[0] = '3';
  CHECK(other.fingerprint() != own.fingerprint());
  other = own;
  other.pepper[0] = '3';
  CHECK(other.fingerprint() != own.fingerprint());
}

TEST_CASE("a linked secrets.json stays a link when the store is recorded") {
  const TempFolder folder;
  const TempFolder elsewhere;
  REQUIRE(load_secrets(elsewhere.path()));
  fs::create_symlink(elsewhere.path() / "secrets.json", folder.path() / "secrets.json");
  REQUIRE(record_store_made(folder.path()));
  CHECK(fs::is_symlink(folder.path() / "secrets.json"));
  CHECK(load_secrets(elsewhere.path())->store_made);
}

}  // namespace private_file_test
