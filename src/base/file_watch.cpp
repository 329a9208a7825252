#include "base/file_watch.h"

namespace ipm {

void FileWatch::take() {
  taken_ = os::stamp(files_);
  seen_ = taken_;
}

bool FileWatch::look() {
  auto now = os::stamp(files_);
  const bool settled = now == seen_;
  seen_ = std::move(now);
  if (seen_ == taken_) {
    unsettled_ = 0;
    return false;
  }
  unsettled_ = settled ? 0 : unsettled_ + 1;
  if (!settled && unsettled_ < kUnsettledLooksMax) return false;
  restless_ = !settled;
  unsettled_ = 0;
  return true;
}

}  // namespace ipm
