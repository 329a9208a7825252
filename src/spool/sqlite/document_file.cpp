#include "spool/sqlite/document_file.h"

#include <fmt/format.h>

#include <system_error>

#include "base/error.h"
#include "os/error.h"

namespace ipm::spool::sqlite {
namespace {

constexpr std::uint64_t kWritebackBytes = 8U << 20U;  // Handed to the disk at once.
constexpr int kNamesTried = 16;
// From here on a document goes past the page cache: its pages would only be copied there, to be
// written out and to push out others. The beginning stays in it, and with it the documents that
// are delivered in a moment.
constexpr std::uint64_t kDirectFrom = 8U << 20U;

[[noreturn]] void write_failed(const std::filesystem::path& file, const std::error_code& failure) {
  throw Error(
      Message::SpoolWriteFailed,
      fmt::format("{} cannot be written: {}", file.string(), os::text_of(failure)),
      "a disk with free space that works",
      fmt::format("free space where the documents are: df -h {}", file.parent_path().string()));
}

}  // namespace

FileSink::FileSink(DocumentFolder& folder) : folder_(folder) {
  folder_.check_open();
  std::error_code failure;
  for (int tries = 0; tries < kNamesTried; ++tries) {
    name_ = folder_.new_name();
    std::error_code absent;
    static_cast<void>(os::look_at_name(folder_.file(name_), absent));
    if (!absent) continue;
    std::filesystem::path path = folder_.file(DocumentFolder::partial_name(name_));
    file_ = os::File::open(path, os::Intent::Make, failure);
    if (file_) {
      partial_ = OwnedFile(std::move(path));
      return;
    }
    if (failure != std::errc::file_exists) write_failed(path, failure);
  }
  write_failed(folder_.path(), std::make_error_code(std::errc::file_exists));
}

std::string_view FileSink::write_direct(std::string_view bytes) {
  const auto fits = [](std::uint64_t place) { return place % kDocumentAlignment == 0; };
  const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
  std::size_t left = bytes.size() / kDocumentAlignment * kDocumentAlignment;
  if (left == 0 || direct_refused_ || !fits(written_) || !fits(address)) return bytes;
  if (file_.set_direct(true)) {
    direct_refused_ = true;
    return bytes;
  }
  std::error_code failure;
  while (left > 0 && fits(written_)) {
    const std::size_t wrote = file_.write_some(bytes.substr(0, left), failure);
    if (failure) break;
    bytes.remove_prefix(wrote);
    written_ += wrote;
    left -= wrote;
  }
  in_flight_ = written_;
  if (failure == std::errc::invalid_argument) {
    direct_refused_ = true;  // The ordinary way may still do.
  } else if (failure) {
    fail(failure);
  }
  if (const auto stuck = file_.set_direct(false)) fail(stuck);
  return bytes;
}

void FileSink::write(std::string_view bytes) {
  folder_.check_open();  // One that is half here would take what relief was given.
  if (written_ >= kDirectFrom) bytes = write_direct(bytes);
  if (const auto failure = file_.write_all(bytes)) fail(failure);
  written_ += bytes.size();
  if (written_ - in_flight_ < kWritebackBytes) return;
  // Lets the disk begin, so that the sync at the end finds little left to do.
  file_.begin_writeback(in_flight_, written_ - in_flight_);
  in_flight_ = written_;
}

std::unique_ptr<StoredBody> FileSink::finish() {
  Durability& durability = folder_.durability();
  if (const auto failure = durability.sync(file_, partial_.path())) fail(failure);
  file_.close();
  OwnedFile whole(folder_.file(name_));
  if (const auto failure = durability.replace(partial_.path(), whole.path())) fail(failure);
  partial_.release();
  folder_.sync();
  return std::make_unique<FileBody>(std::move(whole));
}

void FileSink::fail(const std::error_code& failure) {
  const std::filesystem::path file = partial_.path();
  file_.close();
  partial_.remove();
  write_failed(file, failure);
}

FileSource::FileSource(os::File file) : file_(std::move(file)) {
  file_.will_read_in_order();
}

std::size_t FileSource::read_at(std::uint64_t offset, std::span<char> space) {
  std::error_code failure;
  const std::size_t got = file_.read_at(offset, space, failure);
  if (!failure) return got;
  throw Error(
      Message::SpoolDamaged,
      fmt::format("a document cannot be read at byte {}: {}", offset + got, os::text_of(failure)),
      "a disk that works", "look at the disk's health");
}

}  // namespace ipm::spool::sqlite
