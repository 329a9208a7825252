#include "spool/sqlite/document_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "os/clock.h"
#include "os/error.h"
#include "spool/sqlite/reserve.h"

namespace ipm::spool::sqlite {
namespace {

constexpr std::string_view kPrefix = "d-";
constexpr std::string_view kPartialSuffix = ".part";

[[noreturn]] void unusable(const std::filesystem::path& path, const std::error_code& failure) {
  throw Error(Message::SpoolUnusable,
              fmt::format("{} cannot be used: {}", path.string(), os::text_of(failure)),
              "a folder that this user may write to",
              fmt::format("look at it with: ls -ld {}", path.string()));
}

bool is_partial_name(std::string_view name) {
  if (!name.starts_with('.') || !name.ends_with(kPartialSuffix)) return false;
  name.remove_prefix(1);
  name.remove_suffix(kPartialSuffix.size());
  return DocumentFolder::is_document_name(name);
}

}  // namespace

std::error_code Durability::sync(os::File& file, const std::filesystem::path& /*path*/) {
  return file.sync();
}

std::error_code Durability::replace(const std::filesystem::path& from,
                                    const std::filesystem::path& to) {
  return os::replace(from, to);
}

std::error_code Durability::sync_names(const os::Folder& folder,
                                       const std::filesystem::path& /*path*/) {
  return folder.sync();
}

std::filesystem::space_info Durability::space(const std::filesystem::path& folder) {
  std::error_code failure;
  const auto space = std::filesystem::space(folder, failure);
  return failure ? std::filesystem::space_info{} : space;
}

std::error_code Durability::allocate(os::File& file, std::uint64_t bytes) {
  return file.allocate(bytes);
}

DocumentFolder::DocumentFolder(std::filesystem::path path, std::shared_ptr<Durability> durability)
    : path_(std::move(path)),
      durability_(durability ? std::move(durability) : std::make_shared<Durability>()) {
  try {
    make_folder(path_, os::Privacy::Owner);
  } catch (const Error& error) {
    throw Error(Message::SpoolUnusable, error.happened(), error.expected());
  }
  std::error_code failure;
  folder_ = os::Folder::open(path_, failure);
  if (failure) unusable(path_, failure);
  const os::Facts facts = folder_.facts(failure);
  if (!failure && facts.privacy != os::Privacy::Owner) {
    failure = folder_.set_privacy(os::Privacy::Owner);
  }
  if (failure) unusable(path_, failure);
  // The time makes the names new to each run; the loop that makes a file checks it all the same.
  const auto now = os::wall_time().time_since_epoch();
  prefix_ = fmt::format("{}{:x}-", kPrefix,
                        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

void DocumentFolder::check_open() const {
  if (closed_) throw no_room(path_);
}

std::string DocumentFolder::new_name() {
  return prefix_ + fmt::format("{:x}", next_.fetch_add(1, std::memory_order_relaxed));
}

std::string DocumentFolder::partial_name(std::string_view name) {
  return fmt::format(".{}{}", name, kPartialSuffix);
}

bool DocumentFolder::is_document_name(std::string_view name) {
  if (!name.starts_with(kPrefix) || name.size() == kPrefix.size()) return false;
  name.remove_prefix(kPrefix.size());
  return std::ranges::all_of(
      name, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-'; });
}

void DocumentFolder::sync() const {
  const std::error_code failure = durability_->sync_names(folder_, path_);
  if (!failure) return;
  throw Error(Message::SpoolWriteFailed,
              fmt::format("{} cannot be synced: {}", path_.string(), os::text_of(failure)),
              "a disk with free space that works", fmt::format("df -h {}", path_.string()));
}

std::map<std::string, std::uint64_t, std::less<>> DocumentFolder::survey(
    std::size_t& removed) const {
  std::vector<std::string> partial;
  std::map<std::string, std::uint64_t, std::less<>> sizes;
  const std::error_code failure = folder_.walk([&](std::string_view name, const os::Facts& facts) {
    if (is_partial_name(name)) partial.emplace_back(name);
    if (is_document_name(name) && facts.kind == os::Kind::File) sizes.emplace(name, facts.bytes);
  });
  // A listing that broke off must not make whole jobs look damaged.
  if (failure) unusable(path_, failure);
  for (const auto& name : partial) remove(name);
  removed += partial.size();
  return sizes;
}

void DocumentFolder::remove(std::string_view name) const noexcept {
  // A damaged row must not name a file of somebody else.
  if (is_document_name(name) || is_partial_name(name)) folder_.remove(name);
}

}  // namespace ipm::spool::sqlite
