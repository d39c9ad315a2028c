// Reading and writing the mark's two slots; comparing a store with its mark.
#include "host-adapters/stores/sqlite/store_mark.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <format>
#include <stdexcept>
#include <string_view>

#include "core/base/encoding.hpp"
#include "core/base/integer.hpp"
#include "core/crypto/sha256.hpp"
#include "host-adapters/stores/sqlite/disk_error.hpp"

namespace lntpay::host {
namespace {

constexpr std::string_view magic = "lntpay-mark 1 ";
constexpr std::size_t slot_size = 512;  // a sector
constexpr std::size_t slots = 2;
constexpr std::size_t batch_digits = 20;
constexpr std::size_t digest_digits = 64;
constexpr std::size_t checksum_digits = 16;
constexpr std::size_t digest_at = magic.size() + batch_digits + 1;
constexpr std::size_t owner_at = digest_at + digest_digits + 1;
constexpr std::size_t checked_size = owner_at + digest_digits;
static_assert(checked_size + 1 + checksum_digits < slot_size);

constexpr std::chrono::seconds sync_every{10};

[[noreturn]] void fail(const std::string& path, int error) {
  throw std::runtime_error{"store mark " + path + ": " + disk_error(error, path)};
}

std::string checksum(std::string_view checked) { return hex(sha256(bytes_of(checked))).substr(0, checksum_digits); }

std::optional<StoreMark> mark_in(std::string_view slot) {
  if (slot.size() != slot_size || !slot.starts_with(magic)) return std::nullopt;
  if (slot.substr(checked_size + 1, checksum_digits) != checksum(slot.substr(0, checked_size))) return std::nullopt;
  const auto batch = parse_integer<std::uint64_t>(slot.substr(magic.size(), batch_digits));
  const auto digest = hex_decode32(slot.substr(digest_at, digest_digits));
  const auto owner = hex_decode32(slot.substr(owner_at, digest_digits));
  if (!batch || !digest || !owner) return std::nullopt;
  return StoreMark{*batch, *digest, *owner};
}

/// Makes a new file's name durable. Where a folder cannot be synced, the mark may be missing after a power cut, which is served.
void sync_folder(const std::string& path) {
  const int folder = open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  fsync(folder);
  close(folder);
}

}  // namespace

Bytes32 owner_digest(std::string_view fingerprint) { return fingerprint.empty() ? Bytes32{} : sha256(bytes_of(fingerprint)); }

Bytes32 next_digest(const Bytes32& previous, std::uint64_t after) {
  Bytes32 random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    throw std::runtime_error{"the system has no random bytes"};
  return Sha256{}.update(previous).update(big_endian(after)).update(random).finish();
}

Standing standing_of(const StoreMark& mark, std::uint64_t batch, std::span<const Opening> openings) {
  const auto found = std::ranges::find(openings, mark.digest, &Opening::digest);
  if (found != openings.end()) {
    const auto next = found + 1;
    if (next == openings.end()) return mark.batch <= batch ? Standing::current : Standing::older;
    return mark.batch <= next->after ? Standing::current : Standing::another;
  }
  if (mark.batch > batch) return Standing::older;
  if (openings.size() == openings_kept && mark.batch <= openings.front().after) return Standing::unverified;
  return Standing::another;
}

std::string slot_text(const StoreMark& mark) {
  auto text = std::format("{}{:0{}} {} {}", magic, mark.batch, batch_digits, hex(mark.digest), hex(mark.owner));
  text += " " + checksum(text);
  text.append(slot_size - 1 - text.size(), ' ');
  return text + "\n";
}

MarkFound read_mark(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return {};
  if (file < 0) fail(path, errno);
  std::array<char, slots * slot_size + 1> bytes{};
  const auto size = pread(file, bytes.data(), bytes.size(), 0);
  const int error = errno;
  close(file);
  if (size < 0) fail(path, error);
  if (size == 0) return {};
  const std::string_view text(bytes.data(), static_cast<std::size_t>(size));
  if (text.size() > slots * slot_size) return {MarkState::foreign, {}};
  std::optional<StoreMark> best;
  bool was_mark = text.find_first_not_of('\0') == std::string_view::npos;  // a power cut before its first sync
  for (std::size_t i = 0; i < slots && i * slot_size < text.size(); ++i) {
    const auto slot = text.substr(i * slot_size, slot_size);
    was_mark = was_mark || slot.starts_with(magic);
    const auto mark = mark_in(slot);
    if (mark && (!best || best->batch < mark->batch)) best = mark;
  }
  if (best) return {MarkState::readable, *best};
  return {was_mark ? MarkState::damaged : MarkState::foreign, {}};
}

MarkFile::MarkFile(const std::string& path, const StoreMark& mark) {
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) fail(path, errno);
  // One slot is whole at any time, so a crash leaves the former mark or this one.
  for (std::size_t i = 0; i < slots; ++i) {
    int error = write_slot(mark);
    if (error == 0 && fdatasync(file_) != 0) error = errno;
    if (error == 0) continue;
    close(file_);
    fail(path, error);
  }
  sync_folder(path);
  synced_ = std::chrono::steady_clock::now();
}

MarkFile::~MarkFile() {
  fdatasync(file_);
  close(file_);
}

int MarkFile::write(const StoreMark& mark) {
  if (const int error = write_slot(mark)) return error;
  const auto now = std::chrono::steady_clock::now();
  if (now - synced_ < sync_every) return 0;
  synced_ = now;
  return fdatasync(file_) == 0 ? 0 : errno;
}

int MarkFile::write_slot(const StoreMark& mark) {
  const auto text = slot_text(mark);
  const auto at = static_cast<off_t>(slot_ * slot_size);
  const auto written = pwrite(file_, text.data(), text.size(), at);
  if (written != static_cast<ssize_t>(text.size())) return written < 0 ? errno : EIO;
  slot_ = (slot_ + 1) % slots;
  return 0;
}

}  // namespace lntpay::host
