#pragma once
// The folder of documents too large for a row: names, whole files, and clearing away.
//
//   documents/d-6553f1a20b3c4d5e-1        a whole document, named by a row
//   documents/.d-6553f1a20b3c4d5e-2.part  a document that is still coming
//
// Files of other names are not ours and stay.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/files.h"

namespace ipm::spool {

// Any thread may use it.
class DocumentFolder {
 public:
  // Makes the folder, for its owner alone. Throws Error{SpoolUnusable}.
  explicit DocumentFolder(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(std::string_view name) const { return path_ / name; }

  // A name that no file has, of an earlier run neither.
  std::string new_name();
  static std::string partial_name(std::string_view name);
  static bool is_document_name(std::string_view name);

  // Flushes the folder's entries. Throws Error{SpoolWriteFailed}.
  void sync() const;

  // Sizes of all whole documents by name. Partial ones are removed, and counted in `removed`.
  std::map<std::string, std::uint64_t, std::less<>> survey(std::size_t& removed) const;

  // No failure when it is not there, is not ours, or does not go: the next start tries again.
  void remove(std::string_view name) const noexcept;

 private:
  std::filesystem::path path_;
  FileHandle handle_;
  std::string prefix_;
  std::atomic<std::uint64_t> next_{1};
};

}  // namespace ipm::spool
