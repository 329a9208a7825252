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
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "os/file.h"
#include "os/folder.h"

namespace ipm::spool::sqlite {

// What makes files durable and has room for them: the system, or in tests a disk that loses whatever
// did not pass here, or a small one. Any thread.
class Durability {
 public:
  Durability() = default;
  Durability(const Durability&) = delete;
  Durability& operator=(const Durability&) = delete;
  virtual ~Durability() = default;

  virtual std::error_code sync(os::File& file, const std::filesystem::path& path);
  virtual std::error_code replace(const std::filesystem::path& from,
                                  const std::filesystem::path& to);
  virtual std::error_code sync_names(const os::Folder& folder, const std::filesystem::path& path);
  // Of the disk with the folder; all 0 where it does not say.
  virtual std::filesystem::space_info space(const std::filesystem::path& folder);
  virtual std::error_code allocate(os::File& file, std::uint64_t bytes);
};

// Any thread may use it.
class DocumentFolder {
 public:
  // Makes the folder, for its owner only. Without a `durability` it is the system's. Throws
  // Error{SpoolUnusable}.
  explicit DocumentFolder(std::filesystem::path path,
                          std::shared_ptr<Durability> durability = nullptr);

  Durability& durability() const { return *durability_; }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(std::string_view name) const { return path_ / name; }

  // Whether documents may grow: not while what room there is belongs to relief.
  void set_closed(bool closed) { closed_ = closed; }
  void check_open() const;  // Throws Error{SpoolFull}.

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
  std::shared_ptr<Durability> durability_;
  os::Folder folder_;
  std::string prefix_;
  std::atomic<std::uint64_t> next_{1};
  std::atomic<bool> closed_{false};
};

}  // namespace ipm::spool::sqlite
