#include "system_calls.h"

#include <fcntl.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdarg>
#include <map>
#include <string>
#include <utility>

namespace ipm::simulation {
namespace {

namespace fs = std::filesystem;

std::function<LossyFolder*(const fs::path&)> find_folder;

// By descriptor. One that was closed is found out when its number is given again.
struct Opened {
  LossyFolder* folder;
  std::string name;  // empty: the folder itself
};
std::map<int, Opened> opened;

LossyFolder* folder_of(const fs::path& path) {
  return find_folder ? find_folder(path) : nullptr;
}

int failed(int number) {
  errno = number;
  return -1;
}

}  // namespace

void watch_calls(std::function<LossyFolder*(const fs::path&)> find) {
  find_folder = std::move(find);
  opened.clear();
}

}  // namespace ipm::simulation

using namespace ipm::simulation;

extern "C" {
int __real_open(const char* path, int flags, ...);
ssize_t __real_write(int descriptor, const void* bytes, size_t count);
int __real_fsync(int descriptor);
int __real_rename(const char* from, const char* to);
int __real_unlink(const char* path);

int __wrap_open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  LossyFolder* inside = folder_of(path);
  LossyFolder* itself = inside == nullptr ? folder_of(fs::path(path) / "x") : nullptr;
  const int descriptor = __real_open(path, flags, mode);
  if (descriptor < 0) return descriptor;
  opened.erase(descriptor);
  const std::string name = fs::path(path).filename();
  if (inside != nullptr) {
    if ((flags & O_CREAT) != 0) inside->made(name);
    opened[descriptor] = {inside, name};
  } else if (itself != nullptr) {
    opened[descriptor] = {itself, {}};
  }
  return descriptor;
}

ssize_t __wrap_write(int descriptor, const void* bytes, size_t count) {
  if (const auto at = opened.find(descriptor); at != opened.end()) {
    if (const int failure = at->second.folder->write()) return failed(failure);
  }
  return __real_write(descriptor, bytes, count);
}

int __wrap_fsync(int descriptor) {
  if (const auto at = opened.find(descriptor); at != opened.end()) {
    const auto& [folder, name] = at->second;
    if (const int failure = name.empty() ? folder->sync_names() : folder->sync(name)) {
      return failed(failure);
    }
    return 0;  // This process goes on: the real file needs none.
  }
  return __real_fsync(descriptor);
}

int __wrap_rename(const char* from, const char* to) {
  if (LossyFolder* folder = folder_of(from)) {
    const int failure = folder->rename(fs::path(from).filename(), fs::path(to).filename());
    if (failure != 0) return failed(failure);
  }
  return __real_rename(from, to);
}

int __wrap_unlink(const char* path) {
  if (LossyFolder* folder = folder_of(path)) {
    if (const int failure = folder->remove(fs::path(path).filename())) return failed(failure);
  }
  return __real_unlink(path);
}
}
