#include "os/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "os/posix/call.h"

namespace ipm::os {
namespace {

Handle locked(Handle handle, int how, std::error_code& failure) {
  failure = handle ? std::error_code() : posix::last_error();
  if (!failure) {
    failure =
        posix::outcome(posix::uninterrupted([&] { return ::flock(posix::number(handle), how); }));
  }
  return failure ? Handle() : std::move(handle);
}

}  // namespace

Lock Lock::try_take(const std::filesystem::path& file, std::error_code& failure) {
  Handle handle(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                       posix::file_mode(Privacy::Owner)));
  return Lock(locked(std::move(handle), LOCK_EX | LOCK_NB, failure));
}

Lock Lock::try_take_open(const Handle& file, std::error_code& failure) {
  // The lock belongs to what was opened, by whatever number: this one keeps it.
  auto handle =
      locked(Handle(::fcntl(posix::number(file), F_DUPFD_CLOEXEC, 0)), LOCK_EX | LOCK_NB, failure);
  if (failure) return {};
  struct stat status{};
  failure = posix::outcome(::fstat(posix::number(handle), &status));
  if (!failure && status.st_nlink == 0) {
    failure = std::make_error_code(std::errc::no_such_file_or_directory);
  }
  return failure ? Lock() : Lock(std::move(handle));
}

Lock Lock::take_folder(const std::filesystem::path& folder, std::error_code& failure) {
  Handle handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return Lock(locked(std::move(handle), LOCK_EX, failure));
}

}  // namespace ipm::os
