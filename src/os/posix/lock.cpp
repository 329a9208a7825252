#include "os/lock.h"

#include <fcntl.h>
#include <sys/file.h>

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

Lock Lock::take_folder(const std::filesystem::path& folder, std::error_code& failure) {
  Handle handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return Lock(locked(std::move(handle), LOCK_EX, failure));
}

}  // namespace ipm::os
