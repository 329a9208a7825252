#include "spool/document.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/error.h"
#include "spool/document_folder.h"

namespace ipm::spool {
namespace {

constexpr std::size_t kWriteBytes = 256U << 10U;      // Handed to the system at once.
constexpr std::uint64_t kWritebackBytes = 8U << 20U;  // Handed to the disk at once.
constexpr int kNamesTried = 16;
// From here on a document goes past the page cache: its pages would only be copied there, to be
// written out and to push out others. The beginning stays in it, and with it the documents that
// are delivered in a moment.
constexpr std::uint64_t kDirectFrom = 8U << 20U;

[[noreturn]] void write_failed(const std::filesystem::path& file, int number) {
  throw Error(
      Message::SpoolWriteFailed,
      fmt::format("{} cannot be written: {}", file.string(), errno_text(number)),
      "a disk with free space that works",
      fmt::format("free space where the documents are: df -h {}", file.parent_path().string()));
}

// Lets the disk begin, so that the sync at the end finds little left to do.
void begin_writeback(int descriptor, std::uint64_t offset, std::uint64_t bytes) {
#ifdef SYNC_FILE_RANGE_WRITE  // Linux
  ::sync_file_range(descriptor, static_cast<off_t>(offset), static_cast<off_t>(bytes),
                    SYNC_FILE_RANGE_WRITE);
#else
  static_cast<void>(descriptor), static_cast<void>(offset), static_cast<void>(bytes);
#endif
}

}  // namespace

// --- DocumentWriter ---

DocumentWriter::DocumentWriter(DocumentFolder& folder, const Limits& limits,
                               std::uint64_t expected_bytes)
    : folder_(&folder),
      inline_bytes_max_(limits.inline_bytes_max),
      document_bytes_max_(limits.document_bytes_max) {
  buffer_.reserve(static_cast<std::size_t>(
      std::min<std::uint64_t>(expected_bytes, std::max(inline_bytes_max_, kWriteBytes))));
}

bool DocumentWriter::stays_inline(std::size_t next_bytes) const {
  return !file_ && next_bytes <= inline_bytes_max_ && bytes_ <= inline_bytes_max_ - next_bytes;
}

void DocumentWriter::append(std::string_view bytes) {
  if (document_bytes_max_ != 0 && bytes.size() > document_bytes_max_ - bytes_) {
    drop();
    throw Error(Message::DocumentTooLarge,
                fmt::format("the document has more than {} bytes", document_bytes_max_),
                fmt::format("at most {} bytes", document_bytes_max_));
  }
  const bool small = stays_inline(bytes.size());
  bytes_ += bytes.size();
  if (small) {
    buffer_.append(bytes);
    return;
  }
  if (!file_) open_file();
  if (buffer_.size() + bytes.size() < kWriteBytes) {
    buffer_.append(bytes);
    return;
  }
  write_out(buffer_);
  buffer_.clear();
  if (bytes.size() < kWriteBytes) {
    buffer_.append(bytes);
  } else {
    write_out(bytes);
  }
}

void DocumentWriter::open_file() {
  for (int tries = 0; tries < kNamesTried; ++tries) {
    name_ = folder_->new_name();
    const std::filesystem::path path = folder_->file(DocumentFolder::partial_name(name_));
    if (::access(folder_->file(name_).c_str(), F_OK) == 0) continue;
    file_ = FileHandle(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivateMode));
    if (file_) {
      partial_ = OwnedFile(path);
      return;
    }
    if (errno != EEXIST) write_failed(path, errno);
  }
  write_failed(folder_->path(), EEXIST);
}

std::string_view DocumentWriter::write_direct([[maybe_unused]] std::string_view bytes) {
#ifdef O_DIRECT
  const auto fits = [](std::uint64_t place) { return place % kDocumentAlignment == 0; };
  const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
  std::size_t left = bytes.size() / kDocumentAlignment * kDocumentAlignment;
  if (left == 0 || direct_refused_ || !fits(written_) || !fits(address)) return bytes;
  const int flags = ::fcntl(file_.get(), F_GETFL);
  if (flags < 0 || ::fcntl(file_.get(), F_SETFL, flags | O_DIRECT) != 0) {
    direct_refused_ = true;
    return bytes;
  }
  int number = 0;
  while (left > 0 && fits(written_)) {
    const auto wrote = ::write(file_.get(), bytes.data(), left);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      number = errno;
      break;
    }
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    written_ += static_cast<std::uint64_t>(wrote);
    left -= static_cast<std::size_t>(wrote);
  }
  in_flight_ = written_;
  if (number == EINVAL) direct_refused_ = true;  // The ordinary way may still do.
  if (number != 0 && number != EINVAL) fail(number);
  if (::fcntl(file_.get(), F_SETFL, flags) != 0) fail(errno);
#endif
  return bytes;
}

void DocumentWriter::write_out(std::string_view bytes) {
  if (written_ >= kDirectFrom) bytes = write_direct(bytes);
  while (!bytes.empty()) {
    const auto wrote = ::write(file_.get(), bytes.data(), bytes.size());
    if (wrote < 0) {
      const int number = errno;
      if (number == EINTR) continue;
      fail(number);
    }
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    written_ += static_cast<std::uint64_t>(wrote);
  }
  if (written_ - in_flight_ >= kWritebackBytes) {
    begin_writeback(file_.get(), in_flight_, written_ - in_flight_);
    in_flight_ = written_;
  }
}

StoredDocument DocumentWriter::finish() {
  StoredDocument document;
  document.bytes_ = bytes_;
  if (!file_) {
    document.inline_ = std::move(buffer_);
    return document;
  }
  write_out(buffer_);
  if (::fsync(file_.get()) != 0) fail(errno);
  file_.close();
  OwnedFile whole(folder_->file(name_));
  if (::rename(partial_.path().c_str(), whole.path().c_str()) != 0) fail(errno);
  partial_.release();
  folder_->sync();
  document.file_ = std::move(whole);
  return document;
}

void DocumentWriter::fail(int number) {
  const std::filesystem::path file = partial_.path();
  drop();
  write_failed(file, number);
}

void DocumentWriter::drop() noexcept {
  file_.close();
  partial_.remove();
}

// --- DocumentReader ---

DocumentReader::DocumentReader(DocumentInfo info, std::string inline_bytes, FileHandle file)
    : info_(std::move(info)), inline_(std::move(inline_bytes)), file_(std::move(file)) {
#ifdef POSIX_FADV_SEQUENTIAL
  if (file_) ::posix_fadvise(file_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
}

std::size_t DocumentReader::read(std::span<char> space) {
  const std::size_t got = read_at(offset_, space);
  offset_ += got;
  return got;
}

std::size_t DocumentReader::read_at(std::uint64_t offset, std::span<char> space) const {
  if (offset >= info_.bytes) return 0;
  const auto wanted =
      static_cast<std::size_t>(std::min<std::uint64_t>(space.size(), info_.bytes - offset));
  if (!file_) return inline_.copy(space.data(), wanted, static_cast<std::size_t>(offset));
  std::size_t filled = 0;
  while (filled < wanted) {
    const auto got = ::pread(file_.get(), space.data() + filled, wanted - filled,
                             static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      throw Error(
          Message::SpoolDamaged,
          got < 0 ? fmt::format("document {} cannot be read: {}", info_.number, errno_text(errno))
                  : fmt::format("document {} ends after {} bytes", info_.number, offset + filled),
          fmt::format("{} bytes", info_.bytes));
    }
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

std::optional<std::string_view> DocumentReader::find_inline() const {
  if (file_) return std::nullopt;
  return inline_;
}

}  // namespace ipm::spool
