// secrets.json: {"version":1,"pepper":…,"seal":…,"cursor_key":…,"gate_key":…,"operator_token":…,"store_made":true}
#include "host-adapters/server/ops/secrets.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "host-adapters/server/ops/moments.hpp"
#include "host-adapters/server/ops/private_file.hpp"

namespace lntpay::host {
namespace {

using nlohmann::json;

constexpr std::size_t operator_token_digits = 40;  // 238 bits
constexpr const char* store_made = "store_made";

std::string random_hex() {
  Bytes32 bytes{};
  fill_random(bytes.data(), bytes.size());
  return hex(bytes);
}

std::string random_operator_token() {
  std::string token = "lnt_operator_";
  const std::size_t whole = token.size() + operator_token_digits;
  while (token.size() < whole) {
    std::uint8_t byte = 0;
    fill_random(&byte, 1);
    if (byte < 248) token += base62(byte % 62, 1);  // 248 is the last multiple of 62: each digit is equally likely
  }
  return token;
}

/// The fields of the file, in its order.
std::array<std::pair<const char*, std::string*>, 5> fields(HostSecrets& secrets) {
  return {{{"pepper", &secrets.pepper},
           {"seal", &secrets.seal},
           {"cursor_key", &secrets.cursor_key},
           {"gate_key", &secrets.gate_key},
           {"operator_token", &secrets.operator_token}}};
}

std::expected<HostSecrets, std::string> read_secrets(const std::filesystem::path& path) {
  if (auto good = check_private_file(path); !good) return std::unexpected(good.error());
  std::ifstream file(path);
  if (!file) return std::unexpected(path.string() + " cannot be read: " + std::strerror(errno) + ". Give this user access to it");
  const json all = json::parse(file, nullptr, false);
  HostSecrets secrets;
  for (const auto& [name, value] : fields(secrets)) {
    if (!all.is_object() || !all.contains(name) || !all[name].is_string())
      return std::unexpected(path.string() + " has no \"" + name + "\". Restore the file from a backup");
    *value = all[name].get<std::string>();
    if (value != &secrets.operator_token && !hex_decode32(*value))
      return std::unexpected(path.string() + ": \"" + name + "\" is not 64 hex digits. Restore the file from a backup");
  }
  secrets.store_made = all.contains(store_made) && all[store_made] == true;
  return secrets;
}

}  // namespace

std::string HostSecrets::operator_hmac() const {
  const auto key = hex_decode32(pepper);
  return key ? hex(hmac_sha256(*key, bytes_of(operator_token))) : std::string();
}

std::string HostSecrets::fingerprint() const {
  const auto key = hex_decode32(pepper);
  return key ? hex(hmac_sha256(*key, bytes_of("lntpay store of the seal " + seal))) : std::string();
}

std::expected<HostSecrets, std::string> load_secrets(const std::filesystem::path& dir) {
  const auto path = dir / "secrets.json";
  if (std::filesystem::exists(path)) return read_secrets(path);
  // New secrets would open no sealed row and match no API key.
  if (std::filesystem::exists(dir / database_name)) {
    return std::unexpected(
        path.string() + " is missing, but the database in the same folder needs it. Restore it from a backup, or choose another " +
        "folder with --data");
  }
  HostSecrets made{random_hex(), random_hex(), random_hex(), random_hex(), random_operator_token(), false};
  json all{{"version", 1}};
  for (const auto& [name, value] : fields(made)) all[name] = *value;
  if (auto written = write_private_file(path, all.dump(2) + "\n"); !written) return std::unexpected(written.error());
  return made;
}

std::expected<void, std::string> record_store_made(const std::filesystem::path& dir) {
  // The file itself where the name is a link: the link stays.
  std::error_code none;
  const auto path = std::filesystem::canonical(dir / "secrets.json", none);
  std::ifstream file(path);
  json all = json::parse(file, nullptr, false);
  if (none || !all.is_object()) return std::unexpected((dir / "secrets.json").string() + " cannot be read");
  all[store_made] = true;
  return write_private_file(path, all.dump(2) + "\n");
}

}  // namespace lntpay::host
