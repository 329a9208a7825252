#include "spool/sqlite/reserve.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "os/error.h"
#include "os/facts.h"
#include "os/file.h"
#include "spool/limits.h"
#include "spool/sqlite/document_folder.h"

namespace ipm::spool::sqlite {
namespace fs = std::filesystem;

Reserve::Reserve(fs::path file, std::uint64_t bytes, Durability& disk)
    : disk_(disk), file_(std::move(file)) {
  const fs::space_info space = disk_.space(file_.parent_path());
  bytes_ = std::min<std::uint64_t>(bytes, space.capacity / kReserveSharePerDisk);
  std::error_code absent;
  const os::Facts facts = os::look_at_name(file_, absent);
  if (!absent && facts.bytes == bytes_ && bytes_ != 0 && space.available >= kOpeningBytes) {
    is_there_ = true;
    return;
  }
  if (!absent) remove();
  missing_ = bytes_ != 0;
  rebuild();
}

bool Reserve::give_up() noexcept {
  if (!is_there_) return false;
  missing_ = true;
  remove();
  return true;
}

void Reserve::rebuild() noexcept {
  if (!missing_ || disk_.space(file_.parent_path()).available < bytes_ + bytes_ / kReserveMargin)
    return;
  make();
}

void Reserve::make() noexcept {
  std::error_code failure;
  os::File made = os::File::open(file_, os::Intent::MakeOrClear, failure);
  if (made) failure = disk_.allocate(made, bytes_);
  made.close();
  is_there_ = !failure;
  if (failure) remove();
  missing_ = os::says_full(failure);
}

void Reserve::remove() noexcept {
  os::remove_file(file_);
  is_there_ = false;
}

Error no_room(const fs::path& folder) {
  return {Message::SpoolFull,
          fmt::format("the disk with {} is full: no new document is taken, so that those that are "
                      "there can be printed or cancelled",
                      folder.string()),
          "a disk with free space", fmt::format("free space: df -h {}", folder.string())};
}

}  // namespace ipm::spool::sqlite
