#pragma once
// An open folder: its entries are reached by it, whatever becomes of its own name.

#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>

#include "os/facts.h"
#include "os/handle.h"

namespace ipm::os {

class Folder {
 public:
  Folder() = default;  // none
  static Folder open(const std::filesystem::path& path, std::error_code& failure);

  explicit operator bool() const { return static_cast<bool>(handle_); }

  Facts facts(std::error_code& failure) const;
  std::error_code set_privacy(Privacy privacy);

  // Shows each entry once (never "." and ".."), links as links. A failure means that some may not
  // have been shown. Entries must not be removed meanwhile.
  std::error_code walk(
      const std::function<void(std::string_view name, const Facts& facts)>& show) const;

  // A file of this folder. `name` has no separator, else errc::invalid_argument.
  std::error_code remove(std::string_view name) const noexcept;

  // The names that were made, changed and removed: to stable storage.
  std::error_code sync() const;

 private:
  explicit Folder(Handle handle) : handle_(std::move(handle)) {}
  Handle handle_;
};

// One folder, whose parent is there, with exactly this privacy. errc::file_exists where something
// has the name.
std::error_code make_one_folder(const std::filesystem::path& path, Privacy privacy);

}  // namespace ipm::os
