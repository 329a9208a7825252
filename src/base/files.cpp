#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace ipm {
namespace {

namespace fs = std::filesystem;

// A finished group of files waits under this name plus the number of the writer; the marker lists it.
constexpr std::string_view kMarkerName = ".ipm-commit";
constexpr std::string_view kPendingSuffix = ".ipm-new";
constexpr std::size_t kTogetherMax = 8;

[[noreturn]] void unwritable(const fs::path& path, int number) {
  throw Error(Message::FileUnwritable,
              fmt::format("{} cannot be written: {}", path.string(), errno_text(number)),
              "a folder that this user may write to, with free space",
              number == EACCES || number == EPERM
                  ? "run it as the owner of the folder (or root), or choose another --root"
                  : "");
}

void write_all(int descriptor, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      unwritable(path, errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Writes and syncs a file that nobody looks at yet. The mode is exact, whatever the umask.
void write_aside(const fs::path& aside, std::string_view bytes, mode_t mode) {
  ::unlink(aside.c_str());
  const FileHandle file{
      ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivateMode)};
  if (!file) unwritable(aside, errno);
  try {
    write_all(file.get(), bytes, aside);
    if (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0) unwritable(aside, errno);
  } catch (...) {
    ::unlink(aside.c_str());
    throw;
  }
}

fs::path folder_of(const fs::path& path) {
  const fs::path folder = path.parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

fs::path aside_of(const fs::path& path) {
  return folder_of(path) / ("." + path.filename().string() + std::string(kPendingSuffix));
}

void rename_into_place(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) unwritable(to, errno);
}

// One writer of a folder at a time; the lock is the folder's own.
FileHandle lock_folder(const fs::path& folder) {
  FileHandle handle{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!handle) unwritable(folder, errno);
  while (::flock(handle.get(), LOCK_EX) != 0) {
    if (errno != EINTR) unwritable(folder, errno);
  }
  return handle;
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
    if (::access(aside.c_str(), F_OK) == 0) rename_into_place(aside, target);
  }
  sync_folder(folder);
  ::unlink(marker.c_str());
  sync_folder(folder);
}

}  // namespace

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = other.release();
  }
  return *this;
}

int FileHandle::release() {
  return std::exchange(descriptor_, -1);
}

void FileHandle::close() {
  if (descriptor_ >= 0) ::close(release());
}

std::optional<std::string> find_file(const fs::path& path, std::size_t bytes_max) {
  const FileHandle file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw Error(Message::FileUnreadable,
                fmt::format("{} cannot be read: {}", path.string(), errno_text(errno)),
                "a file that this user may read");
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || S_ISDIR(status.st_mode)) {
    throw Error(Message::FileUnreadable, fmt::format("{} is not a file", path.string()), "a file");
  }
  std::string bytes;
  std::size_t size = 0;
  for (;;) {
    bytes.resize(std::max<std::size_t>(static_cast<std::size_t>(status.st_size) + 1, size + 4096));
    const auto got = ::read(file.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw Error(Message::FileUnreadable,
                  fmt::format("{} cannot be read: {}", path.string(), errno_text(errno)),
                  "a file that this user may read");
    }
    size += static_cast<std::size_t>(got);
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
      folder / fmt::format(".{}.{}.tmp", file.path.filename().string(), ::getpid());
  write_aside(aside, file.bytes, file.mode);
  try {
    rename_into_place(aside, file.path);
  } catch (...) {
    ::unlink(aside.c_str());
    throw;
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
  const FileHandle lock = lock_folder(folder);
  finish_locked(folder);
  std::string names;
  try {
    for (const auto& file : files) {
      if (folder_of(file.path) != folder) {
        throw Error(Message::Unexpected, "files of several folders cannot change together",
                    "files of one folder");
      }
      if (fs::is_directory(file.path)) unwritable(file.path, EISDIR);
      write_aside(aside_of(file.path), file.bytes, file.mode);
      names += file.path.filename().string() + "\n";
    }
    write_file({folder / kMarkerName, names, kPrivateMode});
  } catch (...) {
    for (const auto& file : files) ::unlink(aside_of(file.path).c_str());
    throw;
  }
  finish_locked(folder);
}

void finish_interrupted(const fs::path& folder) {
  if (::access((folder / kMarkerName).c_str(), F_OK) != 0) return;
  if (::access(folder.c_str(), W_OK) != 0) return;
  const FileHandle lock = lock_folder(folder);
  finish_locked(folder);
}

std::string exposed_to(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    throw Error(Message::FileNotFound,
                fmt::format("{} cannot be looked at: {}", path.string(), errno_text(errno)),
                "an existing file");
  }
  if ((status.st_mode & S_IROTH) != 0 || (status.st_mode & S_IWOTH) != 0) return "others";
  if ((status.st_mode & S_IRGRP) != 0 || (status.st_mode & S_IWGRP) != 0) return "group";
  return {};
}

void make_folder(const fs::path& path, mode_t mode) {
  if (path.empty() || fs::is_directory(path)) return;
  if (path.has_parent_path() && path.parent_path() != path) make_folder(path.parent_path());
  if (::mkdir(path.c_str(), mode) == 0) {
    if (::chmod(path.c_str(), mode) != 0) unwritable(path, errno);
  } else if (errno != EEXIST || !fs::is_directory(path)) {
    unwritable(path, errno);
  }
}

void sync_folder(const fs::path& folder) {
  const FileHandle handle{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!handle || ::fsync(handle.get()) != 0) unwritable(folder, errno);
}

}  // namespace ipm
