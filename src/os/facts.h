#pragma once
// What the system says of a file by its name: kind, size, privacy, and whether it has changed.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "os/privacy.h"

namespace ipm::os {

enum class Kind { File, Folder, Link, Socket, Other };

struct Facts {
  Kind kind = Kind::Other;
  std::uint64_t bytes = 0;
  Privacy privacy = Privacy::Everyone;  // of what may be read or written, the widest
};

// Of what the name leads to. `failure` is errc::no_such_file_or_directory where there is nothing.
Facts look_at(const std::filesystem::path& path, std::error_code& failure);
// Of the name itself: a link is a link.
Facts look_at_name(const std::filesystem::path& path, std::error_code& failure);

// Which file it is, whatever it is called: two names of one file have the same.
struct FileIdentity {
  std::uint64_t volume = 0;
  std::uint64_t number = 0;

  bool operator==(const FileIdentity&) const = default;
};
std::optional<FileIdentity> find_identity(const std::filesystem::path& path);  // not through a link

// Tells apart a file that was written to, replaced, given another privacy, or taken away.
struct FileStamp {
  FileIdentity identity;
  std::uint64_t privacy = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  bool operator==(const FileStamp&) const = default;
};
using FileStamps = std::vector<std::optional<FileStamp>>;  // nothing: not there

// Asked for again and again rather than by a notification service, which would miss renames and
// network file systems.
FileStamps stamp(const std::vector<std::filesystem::path>& files);

}  // namespace ipm::os
