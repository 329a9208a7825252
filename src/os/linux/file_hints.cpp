// What Linux can be told of how a file will be used.
#include <fcntl.h>

#include "os/file.h"
#include "os/posix/call.h"

namespace ipm::os {

void File::will_read_in_order() const {
  ::posix_fadvise(posix::number(handle_), 0, 0, POSIX_FADV_SEQUENTIAL);
}

void File::begin_writeback(std::uint64_t offset, std::uint64_t bytes) const {
  ::sync_file_range(posix::number(handle_), static_cast<off64_t>(offset),
                    static_cast<off64_t>(bytes), SYNC_FILE_RANGE_WRITE);
}

std::error_code File::set_direct(bool direct) {
  const int flags = ::fcntl(posix::number(handle_), F_GETFL);
  if (flags < 0) return posix::last_error();
  const int wanted = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
  const auto failure = posix::outcome(::fcntl(posix::number(handle_), F_SETFL, wanted));
  // What a file system without it says.
  if (direct && failure == std::errc::invalid_argument) {
    return std::make_error_code(std::errc::not_supported);
  }
  return failure;
}

}  // namespace ipm::os
