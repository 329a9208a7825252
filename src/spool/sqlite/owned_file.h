#pragma once
// A file that goes with its owner, unless it is kept.

#include <filesystem>
#include <utility>

#include "os/file.h"

namespace ipm::spool::sqlite {

class OwnedFile {
 public:
  OwnedFile() = default;
  explicit OwnedFile(std::filesystem::path path) : path_(std::move(path)) {}
  OwnedFile(const OwnedFile&) = delete;
  OwnedFile& operator=(const OwnedFile&) = delete;
  OwnedFile(OwnedFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), kept_(std::exchange(other.kept_, false)) {}
  OwnedFile& operator=(OwnedFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(kept_, other.kept_);
    return *this;
  }
  ~OwnedFile() { remove(); }

  explicit operator bool() const { return !path_.empty(); }
  const std::filesystem::path& path() const { return path_; }  // Empty: there is none.

  void keep() { kept_ = true; }

  void remove() noexcept {
    if (!path_.empty() && !kept_) os::remove_file(path_);
    path_.clear();
  }

  // Another file takes over the name: nothing is removed.
  std::filesystem::path release() { return std::exchange(path_, {}); }

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

}  // namespace ipm::spool::sqlite
