#include "tls/file_watch.h"

#include <sys/stat.h>

namespace ipm::tls {
namespace {

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
  return FileStamp{status.st_dev,  status.st_ino,         status.st_mode,
                   status.st_size, nanoseconds(modified), nanoseconds(changed)};
}

}  // namespace

FileStamps stamp(const std::vector<std::filesystem::path>& files) {
  FileStamps stamps;
  stamps.reserve(files.size());
  for (const auto& file : files) stamps.push_back(stamp_one(file));
  return stamps;
}

}  // namespace ipm::tls
