#include "os/facts.h"

#include "os/posix/call.h"

namespace ipm::os {
namespace {

Kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return Kind::File;
  if (S_ISDIR(mode)) return Kind::Folder;
  if (S_ISLNK(mode)) return Kind::Link;
  if (S_ISSOCK(mode)) return Kind::Socket;
  return Kind::Other;
}

// To enter a folder is enough to reach files in it.
Privacy privacy_of(mode_t mode) {
  const mode_t others = S_ISDIR(mode) ? S_IRWXO : S_IROTH | S_IWOTH;
  const mode_t group = S_ISDIR(mode) ? S_IRWXG : S_IRGRP | S_IWGRP;
  if ((mode & others) != 0) return Privacy::Everyone;
  return (mode & group) != 0 ? Privacy::OwnerAndGroup : Privacy::Owner;
}

FileIdentity identity_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}

std::int64_t nanoseconds(const struct timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::optional<FileStamp> stamp_one(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return {};
#ifdef __APPLE__
  const auto& modified = status.st_mtimespec;
  const auto& changed = status.st_ctimespec;
#else
  const auto& modified = status.st_mtim;
  const auto& changed = status.st_ctim;
#endif
  return FileStamp{identity_of(status), status.st_mode, static_cast<std::uint64_t>(status.st_size),
                   nanoseconds(modified), nanoseconds(changed)};
}

}  // namespace

Facts posix::facts_of(const struct stat& status) {
  return {kind_of(status.st_mode), static_cast<std::uint64_t>(status.st_size),
          privacy_of(status.st_mode)};
}

Facts posix::facts_of(const Handle& handle, std::error_code& failure) {
  struct stat status{};
  failure = outcome(::fstat(number(handle), &status));
  return failure ? Facts{} : facts_of(status);
}

Facts look_at(const std::filesystem::path& path, std::error_code& failure) {
  struct stat status{};
  failure = posix::outcome(::stat(path.c_str(), &status));
  return failure ? Facts{} : posix::facts_of(status);
}

Facts look_at_name(const std::filesystem::path& path, std::error_code& failure) {
  struct stat status{};
  failure = posix::outcome(::lstat(path.c_str(), &status));
  return failure ? Facts{} : posix::facts_of(status);
}

std::optional<FileIdentity> find_identity(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return identity_of(status);
}

FileStamps stamp(const std::vector<std::filesystem::path>& files) {
  FileStamps stamps;
  stamps.reserve(files.size());
  for (const auto& file : files) stamps.push_back(stamp_one(file));
  return stamps;
}

}  // namespace ipm::os
