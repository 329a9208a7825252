#pragma once
// Documents on their way into the spool and out of it.
//
// A small document stays in memory and is committed in its row. A larger one goes to the engine
// while it comes, and is whole and synced before the row that names it commits. Whatever does not
// end in a committed row is dropped; after a crash the next start drops it. Each 64 KiB has a
// checksum, which is compared when the document is read.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "spool/checksum.h"
#include "spool/job.h"
#include "spool/limits.h"

namespace ipm::spool {

class Engine;

inline constexpr std::size_t kDocumentPieceBytes = 512U << 10U;
inline constexpr std::size_t kDocumentAlignment = 4096;  // Any disk's blocks divide it.

// A large document's bytes at the engine, which no row names yet: dropped with this object, unless
// kept. Only its own engine looks into it.
class StoredBody {
 public:
  StoredBody() = default;
  StoredBody(const StoredBody&) = delete;
  StoredBody& operator=(const StoredBody&) = delete;
  virtual ~StoredBody() = default;

  virtual void keep() noexcept = 0;
};

// Takes a large document's bytes, in order. Dropped before its end, it leaves nothing.
class DocumentSink {
 public:
  DocumentSink() = default;
  DocumentSink(const DocumentSink&) = delete;
  DocumentSink& operator=(const DocumentSink&) = delete;
  virtual ~DocumentSink() = default;

  // Throws Error{SpoolWriteFailed, SpoolFull, SpoolAway}; then it is of no further use and has left nothing.
  virtual void write(std::string_view bytes) = 0;
  // On stable storage when it returns. Once. Throws likewise.
  virtual std::unique_ptr<StoredBody> finish() = 0;
};

// Gives back a large document's bytes, for as long as it lives, whatever becomes of its row.
class DocumentSource {
 public:
  DocumentSource() = default;
  DocumentSource(const DocumentSource&) = delete;
  DocumentSource& operator=(const DocumentSource&) = delete;
  virtual ~DocumentSource() = default;

  // Fills `space` from `offset` on; less where it ends. Throws Error{SpoolDamaged, SpoolAway}.
  virtual std::size_t read_at(std::uint64_t offset, std::span<char> space) = 0;
};

// A committed document as the engine finds it.
struct FoundDocument {
  DocumentInfo info;
  std::optional<std::string> sums;         // Absent: stored before there were checksums.
  std::string inline_bytes;                // All of it, or
  std::unique_ptr<DocumentSource> source;  // where it is.
};

// A whole document that no row names yet.
class StoredDocument {
 public:
  std::uint64_t bytes() const { return bytes_; }
  bool is_inline() const { return !body_; }
  std::string_view inline_bytes() const { return inline_; }  // Empty when it is at the engine.
  const StoredBody* body() const { return body_.get(); }     // Null when it is inline.
  std::string_view sums() const { return sums_; }

  // The row that names it is committed, or may be: its bytes stay.
  void keep() noexcept {
    if (body_) body_->keep();
  }

 private:
  friend class DocumentWriter;

  std::uint64_t bytes_ = 0;
  std::string inline_;
  std::unique_ptr<StoredBody> body_;
  std::string sums_;
};

// Takes one document in pieces of any size, in flat memory. Blocks on the disk: not for an I/O
// thread, unless the whole document is known to be inline.
class DocumentWriter {
 public:
  // Large documents are written with the least work when they come in pieces of kDocumentPieceBytes
  // in memory aligned to kDocumentAlignment, each beginning at a multiple of its size. Throws
  // Error{SpoolWriteFailed, SpoolFull, SpoolAway}; after that the writer is of no further
  // use, and what it had written is gone.
  void append(std::string_view bytes);

  std::uint64_t bytes() const { return bytes_; }
  // True as long as append(next_bytes) and finish() touch no disk.
  bool stays_inline(std::size_t next_bytes = 0) const;

  // Makes the document whole, and a large one durable. Once. Throws as append() does.
  StoredDocument finish();

 private:
  friend class Spool;
  DocumentWriter(Engine& engine, const Limits& limits, std::uint64_t expected_bytes);

  Engine* engine_;
  std::size_t inline_bytes_max_;
  std::uint64_t bytes_ = 0;
  PieceSums sums_;
  std::string buffer_;  // All of it, then what waits to be written.
  std::unique_ptr<DocumentSink> sink_;
};

// Reads a committed document. It stays readable when its job is removed meanwhile. One thread at a
// time; blocks on the disk unless the document is inline.
class DocumentReader {
 public:
  const DocumentInfo& info() const { return info_; }
  std::uint64_t bytes() const { return info_.bytes; }

  // Fills `space` with what comes next and returns how much; 0 at the end. No byte comes out whose
  // piece differs from its checksum. Throws Error{SpoolDamaged} then, when the disk fails, or when
  // there is less than the row says; it names job and document.
  std::size_t read(std::span<char> space);

 private:
  friend class Spool;
  // Compares a document that is inline at once; throws Error{SpoolDamaged}.
  DocumentReader(JobId job, FoundDocument found);

  void fill(std::uint64_t offset, std::span<char> space);  // Whole pieces, compared.
  [[noreturn]] void fail(std::string what) const;

  JobId job_;
  DocumentInfo info_;
  std::optional<std::string> sums_;
  std::string inline_;
  std::unique_ptr<DocumentSource> source_;
  std::uint64_t offset_ = 0;
  std::string piece_;               // The one that is being read in parts,
  std::uint64_t piece_offset_ = 0;  // and where it begins.
};

}  // namespace ipm::spool
