#include "os/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "os/posix/call.h"

namespace ipm::os {
namespace {

using posix::number;
using posix::outcome;

struct CloseListing {
  void operator()(DIR* listing) const { ::closedir(listing); }
};
using Listing = std::unique_ptr<DIR, CloseListing>;

// A listing of its own: two walks of one folder do not disturb each other.
Listing list(const Handle& folder, std::error_code& failure) {
  Handle again(::openat(number(folder), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Listing listing(again ? ::fdopendir(number(again)) : nullptr);
  failure = listing ? std::error_code() : posix::last_error();
  if (listing) again.release();
  return listing;
}

}  // namespace

Folder Folder::open(const std::filesystem::path& path, std::error_code& failure) {
  Handle handle(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  failure = handle ? std::error_code() : posix::last_error();
  return Folder(std::move(handle));
}

Facts Folder::facts(std::error_code& failure) const {
  return posix::facts_of(handle_, failure);
}

std::error_code Folder::set_privacy(Privacy privacy) {
  return posix::set_privacy(handle_, privacy);
}

std::error_code Folder::walk(
    const std::function<void(std::string_view name, const Facts& facts)>& show) const {
  std::error_code failure;
  const Listing listing = list(handle_, failure);
  while (!failure) {
    errno = 0;
    const dirent* entry = ::readdir(listing.get());
    if (entry == nullptr) return errno == 0 ? std::error_code() : posix::last_error();
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat status{};
    if (::fstatat(number(handle_), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
      show(name, posix::facts_of(status));
    } else if (errno != ENOENT) {  // Removed since: it is no entry any more.
      return posix::last_error();
    }
  }
  return failure;
}

std::error_code Folder::remove(std::string_view name) const noexcept {
  try {
    if (name.find('/') != std::string_view::npos) {
      return std::make_error_code(std::errc::invalid_argument);
    }
    return outcome(::unlinkat(number(handle_), std::string(name).c_str(), 0));
  } catch (const std::exception&) {
    return std::make_error_code(std::errc::not_enough_memory);
  }
}

std::error_code Folder::sync() const {
  return outcome(posix::uninterrupted([&] { return ::fsync(number(handle_)); }));
}

std::error_code make_one_folder(const std::filesystem::path& path, Privacy privacy) {
  const mode_t mode = posix::folder_mode(privacy);
  if (::mkdir(path.c_str(), mode) != 0) return posix::last_error();
  return outcome(::chmod(path.c_str(), mode));
}

}  // namespace ipm::os
