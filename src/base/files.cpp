#include "base/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "os/error.h"
#include "os/file.h"
#include "os/folder.h"
#include "os/lock.h"
#include "os/process.h"

namespace ipm {
namespace {

namespace fs = std::filesystem;

// A finished group of files waits under this name plus the number of the writer; the marker lists it.
constexpr std::string_view kMarkerName = ".ipm-commit";
constexpr std::string_view kPendingSuffix = ".ipm-new";
constexpr std::size_t kTogetherMax = 8;

[[noreturn]] void unwritable(const fs::path& path, const std::error_code& failure) {
  const bool forbidden =
      failure == std::errc::permission_denied || failure == std::errc::operation_not_permitted;
  throw Error(
      Message::FileUnwritable,
      fmt::format("{} cannot be written: {}", path.string(), os::text_of(failure)),
      "a folder that this user may write to, with free space",
      forbidden ? "run it as the owner of the folder (or root), or choose another --root" : "");
}

void require(const std::error_code& failure, const fs::path& path) {
  if (failure) unwritable(path, failure);
}

// Writes and syncs a file that nobody looks at yet. Its privacy is exact, whatever the umask.
void write_aside(const fs::path& aside, const NewFile& wanted) {
  os::remove_file(aside);
  std::error_code failure;
  auto file = os::File::open(aside, os::Intent::Make, failure);
  require(failure, aside);
  failure = file.write_all(wanted.bytes);
  if (!failure) {
    failure = wanted.keep_access ? file.set_privacy_after(wanted.path, wanted.privacy)
                                 : file.set_privacy(wanted.privacy);
  }
  if (!failure) failure = file.sync();
  if (!failure) return;
  os::remove_file(aside);
  unwritable(aside, failure);
}

fs::path folder_of(const fs::path& path) {
  const fs::path folder = path.parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

fs::path aside_of(const fs::path& path) {
  return folder_of(path) / ("." + path.filename().string() + std::string(kPendingSuffix));
}

// One writer of a folder at a time; the lock is the folder's own.
os::Lock lock_folder(const fs::path& folder) {
  std::error_code failure;
  auto lock = os::Lock::take_folder(folder, failure);
  require(failure, folder);
  return lock;
}

bool is_there(const fs::path& path) {
  std::error_code failure;
  os::look_at(path, failure);
  return !failure;
}

// The caller holds the folder's lock. The marker is written last: with it, all files aside are whole.
void finish_locked(const fs::path& folder) {
  const fs::path marker = folder / kMarkerName;
  const auto names = find_file(marker);
  if (!names) return;
  for (const auto name : split(*names, '\n')) {
    if (name.empty() || name.find('/') != std::string_view::npos) continue;
    const fs::path target = folder / name;
    const fs::path aside = aside_of(target);
    if (is_there(aside)) require(os::replace(aside, target), target);
  }
  sync_folder(folder);
  os::remove_file(marker);
  sync_folder(folder);
}

}  // namespace

std::optional<std::string> find_file(const fs::path& path, std::size_t bytes_max) {
  const auto unreadable = [&path](const std::error_code& why) {
    return Error(Message::FileUnreadable,
                 fmt::format("{} cannot be read: {}", path.string(), os::text_of(why)),
                 "a file that this user may read");
  };
  std::error_code failure;
  auto file = os::File::open(path, os::Intent::ReadNow, failure);
  if (failure == std::errc::no_such_file_or_directory || failure == std::errc::not_a_directory) {
    return std::nullopt;
  }
  if (failure) throw unreadable(failure);
  const auto facts = file.facts(failure);
  if (failure || facts.kind == os::Kind::Folder) {
    throw Error(Message::FileUnreadable, fmt::format("{} is not a file", path.string()), "a file");
  }
  std::string bytes;
  std::size_t size = 0;
  for (;;) {
    bytes.resize(std::max<std::size_t>(facts.bytes + 1, size + 4096));
    const auto got = file.read(std::span(bytes).subspan(size), failure);
    if (failure) throw unreadable(failure);
    size += got;
    if (size > bytes_max) {
      throw Error(Message::FileTooLarge,
                  fmt::format("{} is larger than {} bytes", path.string(), bytes_max),
                  fmt::format("a file of at most {} bytes", bytes_max));
    }
    if (got == 0) break;
  }
  bytes.resize(size);
  return bytes;
}

std::string read_file(const fs::path& path, std::size_t bytes_max) {
  auto bytes = find_file(path, bytes_max);
  if (!bytes) {
    throw Error(Message::FileNotFound, fmt::format("{} is not there", path.string()),
                "an existing file");
  }
  return *std::move(bytes);
}

void write_file(const NewFile& file) {
  const fs::path folder = folder_of(file.path);
  make_folder(folder);
  // A name of its own for each writer: two of them never tread on each other's half-written file.
  const fs::path aside =
      folder / fmt::format(".{}.{}.tmp", file.path.filename().string(), os::process_number());
  write_aside(aside, file);
  if (const auto failure = os::replace(aside, file.path)) {
    os::remove_file(aside);
    unwritable(file.path, failure);
  }
  sync_folder(folder);
}

void write_files_together(std::span<const NewFile> files) {
  if (files.empty()) return;
  const fs::path folder = folder_of(files.front().path);
  if (files.size() > kTogetherMax) {
    throw Error(Message::Unexpected, "too many files to write together", "at most 8 files");
  }
  make_folder(folder);
  const os::Lock lock = lock_folder(folder);
  finish_locked(folder);
  std::string names;
  try {
    for (const auto& file : files) {
      if (folder_of(file.path) != folder) {
        throw Error(Message::Unexpected, "files of several folders cannot change together",
                    "files of one folder");
      }
      if (fs::is_directory(file.path)) {
        unwritable(file.path, std::make_error_code(std::errc::is_a_directory));
      }
      write_aside(aside_of(file.path), file);
      names += file.path.filename().string() + "\n";
    }
    write_file({folder / kMarkerName, names, os::Privacy::Owner});
  } catch (...) {
    for (const auto& file : files) os::remove_file(aside_of(file.path));
    throw;
  }
  finish_locked(folder);
}

void finish_interrupted(const fs::path& folder) {
  if (!is_there(folder / kMarkerName) || !os::may_change(folder)) return;
  const os::Lock lock = lock_folder(folder);
  finish_locked(folder);
}

std::string exposed_to(const fs::path& path) {
  std::error_code failure;
  const auto facts = os::look_at(path, failure);
  if (failure) {
    throw Error(Message::FileNotFound,
                fmt::format("{} cannot be looked at: {}", path.string(), os::text_of(failure)),
                "an existing file");
  }
  switch (facts.privacy) {
    case os::Privacy::Owner:
      return {};
    case os::Privacy::OwnerAndGroup:
      return "group";
    case os::Privacy::Everyone:
      break;
  }
  return "others";
}

void make_folder(const fs::path& path, os::Privacy privacy) {
  if (path.empty() || fs::is_directory(path)) return;
  if (path.has_parent_path() && path.parent_path() != path) make_folder(path.parent_path());
  const auto failure = os::make_one_folder(path, privacy);
  if (failure == std::errc::file_exists && fs::is_directory(path)) return;  // Made meanwhile.
  require(failure, path);
}

void make_folder(const fs::path& path, unsigned mode) {
  make_folder(path, (mode & 077U) == 0 ? os::Privacy::Owner : os::Privacy::Everyone);
}

void sync_folder(const fs::path& folder) {
  std::error_code failure;
  const auto opened = os::Folder::open(folder, failure);
  require(failure, folder);
  require(opened.sync(), folder);
}

}  // namespace ipm
