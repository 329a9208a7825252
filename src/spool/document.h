#pragma once
// Documents on their way into the spool and out of it.
//
// A small document stays in memory and is committed inside the database. A larger one streams into
// a file that is complete, synced and renamed before the row that names it commits. Whatever does
// not end in a committed row removes its file; after a crash the next start does.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/files.h"
#include "spool/job.h"
#include "spool/limits.h"
#include "spool/owned_file.h"

namespace ipm::spool {

class DocumentFolder;

inline constexpr std::size_t kDocumentPieceBytes = 512U << 10U;
inline constexpr std::size_t kDocumentAlignment = 4096;  // Any disk's blocks divide it.

// A whole document that no row names yet. Large: its file is on stable storage, and is removed with
// this object unless the spool committed it.
class StoredDocument {
 public:
  std::uint64_t bytes() const { return bytes_; }
  bool is_inline() const { return !file_; }
  std::string_view inline_bytes() const { return inline_; }           // Empty when it is a file.
  const std::filesystem::path& file() const { return file_.path(); }  // Empty when it is inline.

  // The row that names the file is committed: the file stays.
  void keep() { file_.keep(); }

 private:
  friend class DocumentWriter;

  std::uint64_t bytes_ = 0;
  std::string inline_;
  OwnedFile file_;
};

// Takes one document in pieces of any size, in flat memory. Blocks on the disk: not for an I/O
// thread, unless the whole document is known to be inline.
class DocumentWriter {
 public:
  // Large documents are written with the least work when they come in pieces of kDocumentPieceBytes
  // in memory aligned to kDocumentAlignment, each beginning at a multiple of its size. Throws
  // Error{DocumentTooLarge, SpoolWriteFailed}; after that the writer is of no further use, and its
  // file is gone.
  void append(std::string_view bytes);

  std::uint64_t bytes() const { return bytes_; }
  // True as long as append(next_bytes) and finish() touch no disk.
  bool stays_inline(std::size_t next_bytes = 0) const;

  // Makes the document whole: synced, renamed, the folder synced. Once. Throws
  // Error{SpoolWriteFailed}.
  StoredDocument finish();

 private:
  friend class Spool;
  DocumentWriter(DocumentFolder& folder, const Limits& limits, std::uint64_t expected_bytes);

  void open_file();
  void write_out(std::string_view bytes);
  // Past the page cache, as much of it as can go there; returns the rest.
  std::string_view write_direct(std::string_view bytes);
  [[noreturn]] void fail(int number);  // errno
  void drop() noexcept;

  DocumentFolder* folder_;
  std::size_t inline_bytes_max_;
  std::uint64_t document_bytes_max_;
  std::uint64_t bytes_ = 0;
  std::uint64_t written_ = 0;    // Handed to the file.
  std::uint64_t in_flight_ = 0;  // Of these, the disk was told to begin with so many.
  bool direct_refused_ = false;  // The file system knows no way past the page cache.
  std::string buffer_;           // All of it, then what waits to be written.
  FileHandle file_;
  std::string name_;   // The file's name when it is whole,
  OwnedFile partial_;  // and until then; none while all is in memory.
};

// Reads a committed document. It stays readable when its job is removed meanwhile. One thread at a
// time; blocks on the disk unless the document is inline.
class DocumentReader {
 public:
  const DocumentInfo& info() const { return info_; }
  std::uint64_t bytes() const { return info_.bytes; }

  // Fills `space` with what comes next and returns how much; 0 at the end. Throws
  // Error{SpoolDamaged} when the disk fails or the file is shorter than its row says.
  std::size_t read(std::span<char> space);
  // The same from any place, without moving on.
  std::size_t read_at(std::uint64_t offset, std::span<char> space) const;

  // All of it when it is inline.
  std::optional<std::string_view> find_inline() const;

 private:
  friend class Spool;
  DocumentReader(DocumentInfo info, std::string inline_bytes, FileHandle file);

  DocumentInfo info_;
  std::string inline_;
  FileHandle file_;
  std::uint64_t offset_ = 0;
};

}  // namespace ipm::spool
