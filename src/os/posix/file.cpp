#include "os/file.h"

#include <fcntl.h>
#include <unistd.h>

#include "os/posix/call.h"

namespace ipm::os {
namespace {

using posix::last_error;
using posix::number;
using posix::outcome;
using posix::uninterrupted;

int flags_of(Intent intent) {
  switch (intent) {
    case Intent::Read:
      return O_RDONLY;
    case Intent::ReadNow:
      return O_RDONLY | O_NONBLOCK;
    case Intent::ReadOwn:
      return O_RDONLY | O_NONBLOCK | O_NOFOLLOW;
    case Intent::Make:
      return O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    case Intent::MakeOrClear:
      break;
  }
  return O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
}

std::size_t counted(ssize_t result, std::error_code& failure) {
  failure = result < 0 ? last_error() : std::error_code();
  return result < 0 ? 0 : static_cast<std::size_t>(result);
}

}  // namespace

File File::open(const std::filesystem::path& path, Intent intent, std::error_code& failure,
                Privacy privacy) {
  const int descriptor = uninterrupted([&] {
    return ::open(path.c_str(), flags_of(intent) | O_CLOEXEC, posix::file_mode(privacy));
  });
  failure = descriptor < 0 ? last_error() : std::error_code();
  return File(Handle(descriptor));
}

File File::standard_input(std::error_code& failure) {
  const int descriptor = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  failure = descriptor < 0 ? last_error() : std::error_code();
  return File(Handle(descriptor));
}

Facts File::facts(std::error_code& failure) const {
  return posix::facts_of(handle_, failure);
}

std::error_code File::set_privacy(Privacy privacy) {
  return posix::set_privacy(handle_, privacy);
}

std::error_code File::set_privacy_after(const std::filesystem::path& replaced, Privacy privacy) {
  struct stat old{};
  struct stat fresh{};
  mode_t mode = posix::file_mode(privacy);
  if (::stat(replaced.c_str(), &old) == 0 && ::fstat(number(handle_), &fresh) == 0) {
    const bool same = old.st_uid == fresh.st_uid && old.st_gid == fresh.st_gid;
    // Who may not give it away keeps it to itself.
    if (same || ::fchown(number(handle_), old.st_uid, old.st_gid) == 0) {
      mode |= old.st_mode & S_IRGRP;
    }
  }
  return posix::outcome(::fchmod(number(handle_), mode));
}

std::size_t File::read(std::span<char> space, std::error_code& failure) {
  return counted(uninterrupted([&] { return ::read(number(handle_), space.data(), space.size()); }),
                 failure);
}

std::size_t File::read_at(std::uint64_t offset, std::span<char> space,
                          std::error_code& failure) const {
  failure.clear();
  std::size_t filled = 0;
  while (filled < space.size()) {
    const auto rest = space.subspan(filled);
    const std::size_t got = counted(uninterrupted([&] {
                                      return ::pread(number(handle_), rest.data(), rest.size(),
                                                     static_cast<off_t>(offset + filled));
                                    }),
                                    failure);
    if (got == 0) break;
    filled += got;
  }
  return filled;
}

std::error_code File::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    std::error_code failure;
    bytes.remove_prefix(write_some(bytes, failure));
    if (failure) return failure;
  }
  return {};
}

std::size_t File::write_some(std::string_view bytes, std::error_code& failure) {
  return counted(
      uninterrupted([&] { return ::write(number(handle_), bytes.data(), bytes.size()); }), failure);
}

std::error_code File::allocate(std::uint64_t bytes) {
  for (;;) {
    const int failure = ::posix_fallocate(number(handle_), 0, static_cast<off_t>(bytes));
    if (failure == 0) return {};
    if (failure != EINTR) return {failure, std::system_category()};
  }
}

std::error_code File::sync() {
#ifdef F_FULLFSYNC  // fsync() leaves the bytes in the drive's own memory there.
  if (::fcntl(number(handle_), F_FULLFSYNC) == 0) return {};
#endif
  return outcome(uninterrupted([&] { return ::fsync(number(handle_)); }));
}

std::optional<std::uint64_t> File::position() const {
  const off_t at = ::lseek(number(handle_), 0, SEEK_CUR);
  if (at < 0) return std::nullopt;
  return static_cast<std::uint64_t>(at);
}

std::error_code replace(const std::filesystem::path& from, const std::filesystem::path& to) {
  return outcome(::rename(from.c_str(), to.c_str()));
}

std::error_code remove_file(const std::filesystem::path& path) noexcept {
  return outcome(::unlink(path.c_str()));
}

bool may_change(const std::filesystem::path& folder) {
  return ::access(folder.c_str(), W_OK | X_OK) == 0;
}

bool may_run(const std::filesystem::path& program) {
  return ::access(program.c_str(), X_OK) == 0;
}

}  // namespace ipm::os
