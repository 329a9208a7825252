#include "spool/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "spool/engine.h"

namespace ipm::spool {
namespace {

constexpr std::size_t kWriteBytes = 256U << 10U;  // Handed to the engine at once.

}  // namespace

// --- DocumentWriter ---

DocumentWriter::DocumentWriter(Engine& engine, const Limits& limits, std::uint64_t expected_bytes)
    : engine_(&engine), inline_bytes_max_(limits.inline_bytes_max) {
  buffer_.reserve(static_cast<std::size_t>(
      std::min<std::uint64_t>(expected_bytes, std::max(inline_bytes_max_, kWriteBytes))));
}

bool DocumentWriter::stays_inline(std::size_t next_bytes) const {
  return !sink_ && next_bytes <= inline_bytes_max_ && bytes_ <= inline_bytes_max_ - next_bytes;
}

void DocumentWriter::append(std::string_view bytes) {
  const bool small = stays_inline(bytes.size());
  bytes_ += bytes.size();
  sums_.add(bytes);
  if (small) {
    buffer_.append(bytes);
    return;
  }
  if (!sink_) sink_ = engine_->new_document();
  if (buffer_.size() + bytes.size() < kWriteBytes) {
    buffer_.append(bytes);
    return;
  }
  sink_->write(buffer_);
  buffer_.clear();
  if (bytes.size() < kWriteBytes) {
    buffer_.append(bytes);
  } else {
    sink_->write(bytes);
  }
}

StoredDocument DocumentWriter::finish() {
  StoredDocument document;
  document.bytes_ = bytes_;
  document.sums_ = sums_.finish();
  if (!sink_) {
    document.inline_ = std::move(buffer_);
    return document;
  }
  sink_->write(buffer_);
  document.body_ = sink_->finish();
  sink_.reset();
  return document;
}

// --- DocumentReader ---

DocumentReader::DocumentReader(JobId job, FoundDocument found)
    : job_(job),
      info_(std::move(found.info)),
      sums_(std::move(found.sums)),
      inline_(std::move(found.inline_bytes)),
      source_(std::move(found.source)) {
  if (source_) return;
  if (inline_.size() != info_.bytes) {
    fail(fmt::format("has {} bytes instead of {}", inline_.size(), info_.bytes));
  }
  if (sums_ && find_damaged_piece(inline_, *sums_) != std::string_view::npos) {
    fail("is not what was acknowledged: a checksum differs");
  }
}

std::size_t DocumentReader::read(std::span<char> space) {
  std::size_t filled = 0;
  while (filled < space.size() && offset_ < info_.bytes) {
    const std::span<char> rest = space.subspan(filled);
    const std::uint64_t left = info_.bytes - offset_;
    std::size_t got = 0;
    if (!source_) {
      got = inline_.copy(rest.data(), rest.size(), static_cast<std::size_t>(offset_));
    } else if (!sums_) {
      got = static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), left));
      fill(offset_, rest.first(got));
    } else if (offset_ % kPieceBytes == 0 &&
               rest.size() >= std::min<std::uint64_t>(kPieceBytes, left)) {
      // Whole pieces need no copy.
      got = rest.size() >= left ? static_cast<std::size_t>(left)
                                : rest.size() / kPieceBytes * kPieceBytes;
      fill(offset_, rest.first(got));
    } else {
      const std::uint64_t begin = offset_ / kPieceBytes * kPieceBytes;
      if (piece_.empty() || piece_offset_ != begin) {
        piece_.resize(
            static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, info_.bytes - begin)));
        piece_offset_ = begin;
        fill(begin, piece_);
      }
      got = piece_.copy(rest.data(), rest.size(), static_cast<std::size_t>(offset_ - begin));
    }
    offset_ += got;
    filled += got;
  }
  return filled;
}

void DocumentReader::fill(std::uint64_t offset, std::span<char> space) {
  std::size_t got = 0;
  try {
    got = source_->read_at(offset, space);
  } catch (const Error& error) {
    if (error.message() != Message::SpoolDamaged) throw;
    fail(fmt::format("cannot be read: {}", error.happened()));
  }
  if (got < space.size()) {
    piece_.clear();
    fail(fmt::format("ends after {} of {} bytes", offset + got, info_.bytes));
  }
  if (!sums_) return;
  const auto damaged = find_damaged_piece({space.data(), space.size()}, *sums_,
                                          static_cast<std::size_t>(offset / kPieceBytes));
  if (damaged == std::string_view::npos) return;
  piece_.clear();
  std::ranges::fill(space, '\0');
  fail(fmt::format("is not what was acknowledged: the checksum from byte {} on differs",
                   damaged * kPieceBytes));
}

void DocumentReader::fail(std::string what) const {
  throw Error(Message::SpoolDamaged,
              fmt::format("document {} of job {} {}", info_.number, job_, what),
              "the document as it was acknowledged",
              "look at the disk's health; cancel the job and print it again");
}

}  // namespace ipm::spool
