#include "base/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <thread>

#include "base/error.h"
#include "base/text.h"

namespace ipm {
namespace {

namespace fs = std::filesystem;
using Watch = std::chrono::steady_clock;

// flock(2) knows no deadline.
constexpr std::chrono::milliseconds kLookPause{20};

}  // namespace

FileHandle lock_file(const fs::path& file, std::chrono::milliseconds wait_max) {
  const auto end = Watch::now() + wait_max;
  if (file.has_parent_path()) make_folder(file.parent_path());
  const fs::path path = file.parent_path() / ("." + file.filename().string() + ".lock");
  FileHandle handle{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kPrivateMode)};
  if (!handle) {
    throw Error(Message::FileUnwritable,
                fmt::format("{} cannot be opened: {}", path.string(), errno_text(errno)),
                "a folder that this user may write to",
                fmt::format("run it as the owner of {} (or root)", path.parent_path().string()));
  }
  while (::flock(handle.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) {
      throw Error(Message::FileUnwritable,
                  fmt::format("{} cannot be locked: {}", path.string(), errno_text(errno)),
                  "a file system with locks");
    }
    if (Watch::now() >= end) {
      throw Error(
          Message::FileUnwritable,
          fmt::format("another process has been changing {} for {} seconds", file.string(),
                      std::chrono::ceil<std::chrono::seconds>(wait_max).count()),
          "one change after the other",
          fmt::format("try again when it has ended; find it with: fuser {}", path.string()));
    }
    std::this_thread::sleep_for(kLookPause);
  }
  return handle;
}

}  // namespace ipm
