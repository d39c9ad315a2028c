// Which members are indexed, and their rows.
#include "core/tenant/metadata_index.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/json_reader.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {

std::vector<MetadataPair> indexed_metadata(const std::string& metadata) {
  std::vector<MetadataPair> pairs;
  if (metadata.empty()) return pairs;
  const auto object = read_json(metadata, 1);
  if (!object) return pairs;
  for (const auto& [name, value] : object->members) {
    if (pairs.size() == metadata_indexed_max) break;
    if (value.kind == Json::Kind::text || value.kind == Json::Kind::number) pairs.emplace_back(name, value.text);
    if (value.kind == Json::Kind::boolean) pairs.emplace_back(name, value.flag ? "true" : "false");
  }
  return pairs;
}

bool has_metadata(const std::string& metadata, const std::vector<MetadataPair>& pairs) {
  if (pairs.empty()) return true;
  const auto indexed = indexed_metadata(metadata);
  return std::ranges::all_of(pairs, [&](const MetadataPair& pair) { return std::ranges::contains(indexed, pair); });
}

std::string metadata_hash(const MetadataPair& pair) {
  // The length keeps pairs apart whose name and value joined are the same.
  return hex(sha256(bytes_of(std::to_string(pair.first.size()) + ":" + pair.first + pair.second)));
}

std::string records_by_metadata(const TenantScope& tenant, std::string_view index, const MetadataPair& pair) {
  return tenant.key(std::string(index) + "/metadata", metadata_hash(pair)) + "/";
}

void move_metadata_index(WriteBatch& batch, const TenantScope& tenant, std::string_view index, std::string_view id,
                         const std::string& before, const std::string& after) {
  const auto old = indexed_metadata(before);
  const auto now = indexed_metadata(after);
  const auto row_of = [&](const MetadataPair& pair) { return records_by_metadata(tenant, index, pair).append(id); };
  for (const auto& pair : old) {
    if (!std::ranges::contains(now, pair)) batch.erase(row_of(pair));
  }
  for (const auto& pair : now) {
    if (!std::ranges::contains(old, pair)) batch.put(row_of(pair), "");
  }
}

}  // namespace lntpay
