#include "ipp/compression.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"

namespace ipm::ipp {
namespace {

constexpr int kRawWindow = -MAX_WBITS;
constexpr int kZlibWindow = MAX_WBITS;
constexpr int kGzipWindow = MAX_WBITS + 16;

[[noreturn]] void refuse(std::string_view happened, std::string_view expected) {
  throw Error(ipm::Message::CompressionBroken, fmt::format("the compressed document {}", happened),
              std::string(expected));
}

// zlib's pointers are not const and its counts are 32 bits wide.
void offer(z_stream& stream, std::span<const unsigned char> input,
           std::span<unsigned char> output) {
  static constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  stream.next_in = const_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(std::min(input.size(), kMost));
  stream.next_out = output.data();
  stream.avail_out = static_cast<uInt>(std::min(output.size(), kMost));
}

// What zlib used and wrote since offer().
struct Progress {
  std::size_t taken;
  std::size_t written;
};
Progress progress(const z_stream& stream, std::span<const unsigned char> input,
                  std::span<unsigned char> output) {
  return {static_cast<std::size_t>(stream.next_in - input.data()),
          static_cast<std::size_t>(stream.next_out - output.data())};
}

std::size_t copy(std::span<const unsigned char>& input, std::span<unsigned char> output) {
  const std::size_t length = std::min(input.size(), output.size());
  std::copy_n(input.begin(), length, output.begin());
  input = input.subspan(length);
  return length;
}

z_stream_s* begin_inflate(int window) {
  auto stream = std::make_unique<z_stream>();
  if (inflateInit2(stream.get(), window) != Z_OK) {
    throw Error(ipm::Message::Unexpected, "unpacking cannot begin", "memory for zlib");
  }
  return stream.release();
}

// RFC 1950, 2.2: method 8, a window of at most 32 KiB, a multiple of 31. No raw stream of a sane
// packer begins so: it would be a stored block with padding that is not zero.
bool begins_zlib(unsigned char first, unsigned char second) {
  return (first & 0x0FU) == 8 && first >> 4U <= 7 && (first * 256U + second) % 31 == 0;
}

}  // namespace

std::optional<Compression> find_compression(std::string_view keyword) {
  for (const auto known : {Compression::None, Compression::Deflate, Compression::Gzip}) {
    if (compression_name(known) == keyword) return known;
  }
  return std::nullopt;
}

std::string_view compression_name(Compression compression) {
  switch (compression) {
    case Compression::None:
      return "none";
    case Compression::Deflate:
      return "deflate";
    case Compression::Gzip:
      return "gzip";
  }
  return "none";
}

// --- Inflater
// --------------------------------------------------------------------------------------

void Inflater::End::operator()(z_stream_s* stream) const noexcept {
  inflateEnd(stream);
  std::default_delete<z_stream>()(stream);
}

Inflater::Inflater(Compression compression, const InflateLimits& limits)
    : compression_(compression), limits_(limits) {
  if (compression == Compression::Gzip) stream_.reset(begin_inflate(kGzipWindow));
}

Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

std::size_t Inflater::step(std::span<const unsigned char>& input, std::span<unsigned char> output) {
  if (compression_ != Compression::None) return step_stream(input, output);
  const std::size_t written = copy(input, output);
  count(written, written);
  return written;
}

std::size_t Inflater::step_stream(std::span<const unsigned char>& input,
                                  std::span<unsigned char> output) {
  if (!stream_ && !detect_wrapping(input)) return 0;
  while (!ended_ || !input.empty()) {
    if (ended_) {
      if (compression_ != Compression::Gzip)
        refuse("is followed by other bytes", "nothing after its end");
      inflateReset(stream_.get());  // another member
      ended_ = false;
    }
    // The first byte of a deflate stream was kept back while the second was awaited.
    const bool replay = first_.has_value();
    const std::span<const unsigned char> offered = replay ? std::span(&*first_, 1) : input;
    offer(*stream_, offered, output);
    const int result = inflate(stream_.get(), Z_NO_FLUSH);
    const auto [taken, written] = progress(*stream_, offered, output);
    if (replay && taken == 1) {
      first_.reset();
    } else if (!replay) {
      input = input.subspan(taken);
    }
    count(taken, written);
    ended_ = result == Z_STREAM_END;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      refuse(fmt::format("is damaged at byte {} ({})", bytes_in_,
                         stream_->msg ? stream_->msg : "unknown dictionary"),
             "gzip or deflate data, as the attribute compression says");
    }
    if (written != 0) return written;
    if (taken == 0 && !ended_) return 0;
  }
  return 0;
}

// Whether it is known by now; opens the stream then.
bool Inflater::detect_wrapping(std::span<const unsigned char>& input) {
  if (!first_) {
    if (input.empty()) return false;
    first_ = input.front();
    input = input.subspan(1);
  }
  if (input.empty()) return false;
  stream_.reset(begin_inflate(begins_zlib(*first_, input.front()) ? kZlibWindow : kRawWindow));
  return true;
}

void Inflater::count(std::size_t taken, std::size_t written) {
  bytes_in_ += taken;
  bytes_out_ += written;
  if (bytes_out_ > limits_.output_bytes_max) {
    refuse("unpacks beyond the limit", fmt::format("at most {} bytes", limits_.output_bytes_max));
  }
  if (bytes_out_ > limits_.ratio_free_bytes && bytes_out_ / limits_.ratio_max > bytes_in_) {
    refuse(fmt::format("unpacks to more than {} times its size", limits_.ratio_max),
           "a document that is less repetitive");
  }
}

void Inflater::finish() const {
  if (compression_ == Compression::None || ended_) return;
  refuse(fmt::format("ends in the middle, at byte {}", bytes_in()), "the whole document");
}

// --- Deflater
// --------------------------------------------------------------------------------------

void Deflater::End::operator()(z_stream_s* stream) const noexcept {
  deflateEnd(stream);
  std::default_delete<z_stream>()(stream);
}

Deflater::Deflater(Compression compression, int level) {
  if (compression == Compression::None) return;
  auto stream = std::make_unique<z_stream>();
  static constexpr int kMemoryLevel = 8;  // zlib's default
  const int window = compression == Compression::Gzip ? kGzipWindow : kRawWindow;
  if (deflateInit2(stream.get(), level, Z_DEFLATED, window, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw Error(ipm::Message::Unexpected, "packing cannot begin",
                "memory for zlib, and a level from 1 to 9");
  }
  stream_.reset(stream.release());
}

Deflater::~Deflater() = default;
Deflater::Deflater(Deflater&&) noexcept = default;
Deflater& Deflater::operator=(Deflater&&) noexcept = default;

std::size_t Deflater::step(std::span<const unsigned char>& input, std::span<unsigned char> output) {
  if (!stream_) return copy(input, output);
  return run(input, output, Z_NO_FLUSH);
}

std::size_t Deflater::finish(std::span<unsigned char> output) {
  std::span<const unsigned char> nothing;
  if (!stream_ || ended_) return 0;
  return run(nothing, output, Z_FINISH);
}

std::size_t Deflater::run(std::span<const unsigned char>& input, std::span<unsigned char> output,
                          int flush) {
  offer(*stream_, input, output);
  const int result = deflate(stream_.get(), flush);
  if (result == Z_STREAM_ERROR)
    throw Error(ipm::Message::Unexpected, "packing went on after its end",
                "no data after finish()");
  ended_ = result == Z_STREAM_END;
  const auto [taken, written] = progress(*stream_, input, output);
  input = input.subspan(taken);
  return written;
}

}  // namespace ipm::ipp
