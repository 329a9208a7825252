#include "base/file_lock.h"

#include <fmt/format.h>

#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "os/error.h"

namespace ipm {
namespace {

namespace fs = std::filesystem;
using Watch = std::chrono::steady_clock;

// The system's lock knows no deadline.
constexpr std::chrono::milliseconds kLookPause{20};

}  // namespace

os::Lock lock_file(const fs::path& file, std::chrono::milliseconds wait_max) {
  const auto end = Watch::now() + wait_max;
  if (file.has_parent_path()) make_folder(file.parent_path());
  const fs::path path = file.parent_path() / ("." + file.filename().string() + ".lock");
  for (;;) {
    std::error_code failure;
    auto lock = os::Lock::try_take(path, failure);
    if (lock) return lock;
    if (failure != std::errc::operation_would_block) {
      throw Error(Message::FileUnwritable,
                  fmt::format("{} cannot be locked: {}", path.string(), os::text_of(failure)),
                  "a folder that this user may write to, on a file system with locks",
                  fmt::format("run it as the owner of {} (or root)", path.parent_path().string()));
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
}

}  // namespace ipm
