// Parses the Idempotency-Key header; hashes a request.
#include "core/request/idempotency_key.hpp"

#include <algorithm>

#include "core/crypto/sha256.hpp"

namespace lntpay::idempotency {

Result<std::optional<std::string>> read_key(const std::vector<Header>& headers) {
  constexpr std::string_view name = "idempotency-key";
  constexpr std::size_t size_max = 255;
  const auto line = std::ranges::find(headers, name, &Header::name);
  if (line == headers.end()) return std::nullopt;
  if (std::ranges::count(headers, name, &Header::name) > 1) return fail(ErrorCode::idempotency_key_invalid);
  // The IETF draft makes the key a structured-field string, in quotes; older clients send it bare. Both are the same key.
  std::string_view key = line->value;
  if (key.size() >= 2 && key.starts_with('"') && key.ends_with('"')) key = key.substr(1, key.size() - 2);
  const bool visible = std::ranges::all_of(key, [](char c) { return c >= '!' && c <= '~'; });
  if (key.empty() || key.size() > size_max || !visible) return fail(ErrorCode::idempotency_key_invalid);
  return std::string(key);
}

Bytes32 fingerprint(std::string_view method, std::string_view path, std::string_view raw_query, std::string_view body) {
  Sha256 hash;
  for (const auto head : {method, path, raw_query}) hash.update(bytes_of(head)).update(bytes_of("\n"));
  return hash.update(bytes_of(body)).finish();
}

}  // namespace lntpay::idempotency
