#include "spool/document_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "base/error.h"

namespace ipm::spool {
namespace {

constexpr std::string_view kPrefix = "d-";
constexpr std::string_view kPartialSuffix = ".part";
constexpr mode_t kFolderMode = 0700;

struct FolderCloser {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

[[noreturn]] void unusable(const std::filesystem::path& path, int number) {
  throw Error(Message::SpoolUnusable,
              fmt::format("{} cannot be used: {}", path.string(), errno_text(number)),
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

DocumentFolder::DocumentFolder(std::filesystem::path path) : path_(std::move(path)) {
  try {
    make_folder(path_, kFolderMode);
  } catch (const Error& error) {
    throw Error(Message::SpoolUnusable, error.happened(), error.expected());
  }
  handle_ = FileHandle(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle_) unusable(path_, errno);
  struct stat status{};
  if (::fstat(handle_.get(), &status) != 0) unusable(path_, errno);
  if ((status.st_mode & 077U) != 0 && ::fchmod(handle_.get(), kFolderMode) != 0) {
    unusable(path_, errno);
  }
  // The time makes the names new to each run; the loop that makes a file checks it all the same.
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  prefix_ = fmt::format("{}{:x}-", kPrefix,
                        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
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
  if (::fsync(handle_.get()) == 0) return;
  throw Error(Message::SpoolWriteFailed,
              fmt::format("{} cannot be synced: {}", path_.string(), errno_text(errno)),
              "a disk with free space that works", fmt::format("df -h {}", path_.string()));
}

std::map<std::string, std::uint64_t, std::less<>> DocumentFolder::survey(
    std::size_t& removed) const {
  const std::unique_ptr<DIR, FolderCloser> folder(::opendir(path_.c_str()));
  if (!folder) unusable(path_, errno);
  std::vector<std::string> partial;
  std::map<std::string, std::uint64_t, std::less<>> sizes;
  errno = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (is_partial_name(name)) partial.emplace_back(name);
    if (!is_document_name(name)) continue;
    struct stat status{};
    if (::fstatat(handle_.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISREG(status.st_mode)) sizes.emplace(name, static_cast<std::uint64_t>(status.st_size));
    errno = 0;
  }
  // A listing that broke off must not make whole jobs look damaged.
  if (errno != 0) unusable(path_, errno);
  for (const auto& name : partial) remove(name);
  removed += partial.size();
  return sizes;
}

void DocumentFolder::remove(std::string_view name) const noexcept {
  // A damaged row must not name a file of somebody else.
  if (!is_document_name(name) && !is_partial_name(name)) return;
  try {
    ::unlinkat(handle_.get(), std::string(name).c_str(), 0);
  } catch (const std::exception&) {  // No memory for the name: the next start removes it.
  }
}

}  // namespace ipm::spool
