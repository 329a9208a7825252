#pragma once
// Tells whether files have changed, by what stat(2) says of them. Asked twice a second: no
// notification service of one operating system, which would miss renames and network file systems.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace ipm::tls {

// What is told apart: a file that was written to, replaced, given another mode, or taken away.
struct FileStamp {
  dev_t device = 0;
  ino_t inode = 0;
  mode_t mode = 0;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  bool operator==(const FileStamp&) const = default;
};
using FileStamps = std::vector<std::optional<FileStamp>>;  // nothing: not there

FileStamps stamp(const std::vector<std::filesystem::path>& files);

}  // namespace ipm::tls
