// The index of records by their metadata: one empty row for each indexed member, whose key ends with the record's id. A list can be
// filtered by the same members: `?metadata[order]=1001`.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/storage/row.hpp"
#include "core/storage/store.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// A member's name and its value as text.
using MetadataPair = std::pair<std::string, std::string>;

inline constexpr std::size_t metadata_indexed_max = 10;

/// The first ten members of a metadata object whose value is a text, a number (as it is written) or a boolean.
std::vector<MetadataPair> indexed_metadata(const std::string& metadata);

/// Whether the metadata has all the pairs among those that are indexed.
bool has_metadata(const std::string& metadata, const std::vector<MetadataPair>& pairs);

/// The part of an index key that identifies a pair: a hash, because names and values may contain any character.
std::string metadata_hash(const MetadataPair& pair);

/// `{tenant}/{index}/metadata/{hash}/`, for `charge_by` and `wd_by`.
std::string records_by_metadata(const TenantScope& tenant, std::string_view index, const MetadataPair& pair);

/// Adds the rows of a record whose metadata was `before` (empty: none) and becomes `after`.
void move_metadata_index(WriteBatch& batch, const TenantScope& tenant, std::string_view index, std::string_view id,
                         const std::string& before, const std::string& after);

}  // namespace lntpay
