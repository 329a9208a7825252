// Preloaded into ipmd by system tests: as long as the file that IPM_HANGS_WHILE names is there, what
// looks at a file whose name holds "hang-here", or opens it, does not come back, as on a network
// file system that is away; each such folder is a file system of its own.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <functional>
#include <string_view>

namespace {

constexpr std::string_view kHangs = "hang-here";

bool is_away() {
  const char* marker = std::getenv("IPM_HANGS_WHILE");
  return marker != nullptr && ::syscall(SYS_faccessat, AT_FDCWD, marker, F_OK) == 0;
}

bool hangs(const char* path) {
  return path != nullptr && std::string_view(path).find(kHangs) != std::string_view::npos;
}

void hang_if_told(const char* path) {
  while (hangs(path) && is_away()) ::usleep(20'000);
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

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

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

DIR* opendir(const char* path) {
  hang_if_told(path);
  return next<DIR*(const char*)>("opendir")(path);
}

int stat(const char* path, struct stat* found) noexcept {
  hang_if_told(path);
  return next<int(const char*, struct stat*)>("stat")(path, found);
}

int stat64(const char* path, struct stat64* found) noexcept {
  hang_if_told(path);
  return next<int(const char*, struct stat64*)>("stat64")(path, found);
}

int lstat(const char* path, struct stat* found) noexcept {
  hang_if_told(path);
  const int result = next<int(const char*, struct stat*)>("lstat")(path, found);
  if (result == 0 && hangs(path)) found->st_dev = own_volume(path);
  return result;
}

int lstat64(const char* path, struct stat64* found) noexcept {
  hang_if_told(path);
  return next<int(const char*, struct stat64*)>("lstat64")(path, found);
}

int fstatat(int folder, const char* path, struct stat* found, int flags) noexcept {
  hang_if_told(path);
  return next<int(int, const char*, struct stat*, int)>("fstatat")(folder, path, found, flags);
}

int fstatat64(int folder, const char* path, struct stat64* found, int flags) noexcept {
  hang_if_told(path);
  return next<int(int, const char*, struct stat64*, int)>("fstatat64")(folder, path, found, flags);
}

int statx(int folder, const char* path, int flags, unsigned mask, struct statx* found) noexcept {
  hang_if_told(path);
  return next<int(int, const char*, int, unsigned, struct statx*)>("statx")(folder, path, flags,
                                                                            mask, found);
}

int access(const char* path, int mode) noexcept {
  hang_if_told(path);
  return next<int(const char*, int)>("access")(path, mode);
}

int faccessat(int folder, const char* path, int mode, int flags) noexcept {
  hang_if_told(path);
  return next<int(int, const char*, int, int)>("faccessat")(folder, path, mode, flags);
}
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
