// Preloaded into ipmd by tests/system/stop_test.py: opening a file whose name holds "hang-here" never
// comes back, as on a network file system that is away; each such folder is a file system of its own.
// What is not opened is as ever.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdarg>
#include <functional>
#include <string_view>

namespace {

constexpr std::string_view kHangs = "hang-here";

bool hangs(const char* path) {
  return path != nullptr && std::string_view(path).find(kHangs) != std::string_view::npos;
}

void hang_if_told(const char* path) {
  while (hangs(path)) ::pause();
}

// "…/away3-hang-here/" is what "away3-hang-here" is to every other name below it.
dev_t own_volume(const char* path) {
  std::string_view folder(path);
  folder = folder.substr(0, folder.find(kHangs) + kHangs.size());
  return static_cast<dev_t>(std::hash<std::string_view>()(folder));
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int lstat(const char* path, struct stat* status) {
  const int result = next<int(const char*, struct stat*)>("lstat")(path, status);
  if (result == 0 && hangs(path)) status->st_dev = own_volume(path);
  return result;
}

int open(const char* path, int flags, ...) {
  hang_if_told(path);
  va_list more;
  va_start(more, flags);
  const auto mode = va_arg(more, mode_t);
  va_end(more);
  return next<int(const char*, int, mode_t)>("open")(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  hang_if_told(path);
  va_list more;
  va_start(more, flags);
  const auto mode = va_arg(more, mode_t);
  va_end(more);
  return next<int(const char*, int, mode_t)>("open64")(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  hang_if_told(path);
  va_list more;
  va_start(more, flags);
  const auto mode = va_arg(more, mode_t);
  va_end(more);
  return next<int(int, const char*, int, mode_t)>("openat")(folder, path, flags, mode);
}

int openat64(int folder, const char* path, int flags, ...) {
  hang_if_told(path);
  va_list more;
  va_start(more, flags);
  const auto mode = va_arg(more, mode_t);
  va_end(more);
  return next<int(int, const char*, int, mode_t)>("openat64")(folder, path, flags, mode);
}
}
