#pragma once
// Tells when files have changed and are whole again. They are asked for twice a second rather than
// watched by a notification service, which would miss renames and network file systems.

#include <filesystem>
#include <utility>
#include <vector>

#include "os/facts.h"

namespace ipm {

// One thread at a time.
class FileWatch {
 public:
  // Looks, half a second apart, that wait for files to settle: a change is taken up in two seconds,
  // also where they go on being touched (S6).
  static constexpr int kUnsettledLooksMax = 3;

  explicit FileWatch(std::vector<std::filesystem::path> files) : files_(std::move(files)) {}

  // To be called before the files are read: what is written from then on is a change.
  void take();

  // True when the files differ from what was taken and two looks in a row saw the same, or when
  // they have gone on changing for kUnsettledLooksMax looks.
  bool look();
  // Whether the change that look() told of may still be going on.
  bool restless() const { return restless_; }

 private:
  std::vector<std::filesystem::path> files_;
  os::FileStamps taken_;
  os::FileStamps seen_;  // by the last look
  int unsettled_ = 0;
  bool restless_ = false;
};

}  // namespace ipm
