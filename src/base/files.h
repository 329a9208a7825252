#pragma once
// Files that are whole or not there: bounded reading, atomic writing private as in the
// end from the first instruction on, and groups of files (a key and its certificate) that change together.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "os/handle.h"
#include "os/privacy.h"

namespace ipm {

// For floors that do not use os/ yet.
using FileHandle = os::Handle;
inline constexpr unsigned kPrivateMode = 0600;

inline constexpr std::size_t kSmallFileBytesMax = 1U << 20U;    // keys, certificates, configuration
inline constexpr std::size_t kBundleFileBytesMax = 64U << 20U;  // anchors, CRLs

// The whole file. Throws Error{FileNotFound, FileUnreadable, FileTooLarge}.
std::string read_file(const std::filesystem::path& path,
                      std::size_t bytes_max = kSmallFileBytesMax);

// Absent when the file is not there; otherwise as read_file.
std::optional<std::string> find_file(const std::filesystem::path& path,
                                     std::size_t bytes_max = kSmallFileBytesMax);

struct NewFile {
  std::filesystem::path path;
  std::string_view bytes;
  os::Privacy privacy = os::Privacy::Everyone;
  // Where a file is replaced: its owner, its group, and reading by that group, as far as this user
  // may give them. A service that could read the old one can read the new one.
  bool keep_access = false;
};

// Replaces or makes one file: temporary beside it with its final privacy, fsync, rename, fsync of the
// folder. Missing folders are made. Throws Error{FileUnwritable}; then nothing has changed.
void write_file(const NewFile& file);

// Replaces or makes several files of one folder as one change. A crash at any instruction leaves
// either all old or all new once finish_interrupted() has run on that folder. At most 8 files.
void write_files_together(std::span<const NewFile> files);

// Completes or drops what a crash left of write_files_together() in `folder`. Loaders call it first.
// Does nothing where there is nothing to do, or no permission to do it.
void finish_interrupted(const std::filesystem::path& folder);

// Who may read the file beyond its owner: "group", "others", or empty. Throws Error{FileNotFound}.
std::string exposed_to(const std::filesystem::path& path);

// Makes the folder so private, and its parents, which everyone may enter. Throws Error{FileUnwritable}.
void make_folder(const std::filesystem::path& path, os::Privacy privacy = os::Privacy::Everyone);
void make_folder(const std::filesystem::path& path, unsigned mode);

// Flushes a folder's entries to stable storage. Throws Error{FileUnwritable}.
void sync_folder(const std::filesystem::path& folder);

}  // namespace ipm
