// Each write adds the check that it depends on.
#include "core/storage/write_batch.hpp"

namespace lntpay {

void WriteBatch::create(std::string key, std::string value) {
  keep_absent(key);
  commit_.ops.emplace_back(Put{std::move(key), std::move(value)});
}

void WriteBatch::create_final(std::string key, std::string value) {
  if (!proof_) proof_ = Put{key, value};
  create(std::move(key), std::move(value));
}

void WriteBatch::replace(const Entry& read, std::string value) {
  keep(read);
  put(read.key, std::move(value));
}

void WriteBatch::replace_final(const Entry& read, std::string value) {
  if (!proof_) proof_ = Put{read.key, value};
  replace(read, std::move(value));
}

void WriteBatch::replace_or_create(const Entry* read, std::string key, std::string value) {
  if (read != nullptr) {
    replace(*read, std::move(value));
  } else {
    create(std::move(key), std::move(value));
  }
}

void WriteBatch::remove(const Entry& read) {
  keep(read);
  erase(read.key);
}

void WriteBatch::keep(const Entry& read) { commit_.checks.push_back({read.key, read.version}); }
void WriteBatch::keep_absent(std::string key) { commit_.checks.push_back({std::move(key), std::nullopt}); }
void WriteBatch::put(std::string key, std::string value) { commit_.ops.emplace_back(Put{std::move(key), std::move(value)}); }
void WriteBatch::erase(std::string key) { commit_.ops.emplace_back(Delete{std::move(key)}); }

}  // namespace lntpay
