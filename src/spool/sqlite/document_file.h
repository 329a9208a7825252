#pragma once
// A large document as a file: written beside its name, synced, renamed; read by an open handle, so
// that it can be read to its end also when its name is gone.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "os/file.h"
#include "spool/document.h"
#include "spool/sqlite/document_folder.h"
#include "spool/sqlite/owned_file.h"

namespace ipm::spool::sqlite {

class FileBody final : public StoredBody {
 public:
  explicit FileBody(OwnedFile file) : file_(std::move(file)) {}

  std::string name() const { return file_.path().filename().string(); }
  void keep() noexcept override { file_.keep(); }

 private:
  OwnedFile file_;
};

class FileSink final : public DocumentSink {
 public:
  // Makes the file. Throws Error{SpoolWriteFailed, SpoolFull}.
  explicit FileSink(DocumentFolder& folder);

  void write(std::string_view bytes) override;
  std::unique_ptr<StoredBody> finish() override;

 private:
  // Past the page cache, as much of it as can go there; returns the rest.
  std::string_view write_direct(std::string_view bytes);
  [[noreturn]] void fail(const std::error_code& failure);

  DocumentFolder& folder_;
  std::uint64_t written_ = 0;
  std::uint64_t in_flight_ = 0;  // Of these, the disk was told to begin with so many.
  bool direct_refused_ = false;  // The file system knows no way past the page cache.
  os::File file_;
  std::string name_;   // The file's name when it is whole,
  OwnedFile partial_;  // and until then.
};

class FileSource final : public DocumentSource {
 public:
  explicit FileSource(os::File file);

  std::size_t read_at(std::uint64_t offset, std::span<char> space) override;

 private:
  os::File file_;
};

}  // namespace ipm::spool::sqlite
