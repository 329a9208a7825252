#pragma once
// Unpacking and packing documents for the IPP attribute "compression" (RFC 8011, 5.4.32; RFC 1950,
// 1951, 1952), in pieces, with bounds on what a small document may unpack to.
//
// Both classes work by pulling, so that the caller may wait between pieces:
//
//   Inflater inflater(Compression::Gzip, limits);
//   while (piece = …read the body…; !piece.empty()) {
//     for (;;) {
//       const std::size_t written = inflater.step(piece, buffer);  // takes from the front of
//       `piece` if (written == 0) break;                                   // then `piece` is empty
//       …write buffer.first(written)…
//     }
//   }
//   inflater.finish();

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "ipp/limits.h"

struct z_stream_s;

namespace ipm::ipp {

enum class Compression : std::uint8_t { None, Deflate, Gzip };

// "none", "deflate", "gzip"; absent for what is not supported.
std::optional<Compression> find_compression(std::string_view keyword);
std::string_view compression_name(Compression compression);

struct InflateLimits {
  std::uint64_t output_bytes_max;                           // the unpacked document
  std::uint64_t ratio_max = kInflateRatioMax;               // unpacked to packed, once more than
  std::uint64_t ratio_free_bytes = kInflateRatioFreeBytes;  // this has been unpacked
};

class Inflater {
 public:
  // Gzip takes one or several members and nothing after them. Deflate takes a zlib stream and a raw
  // one, since clients send both under that name. None copies.
  Inflater(Compression compression, const InflateLimits& limits);
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  // Unpacks from the front of `input`, which shrinks by what was used, into `output` (not empty).
  // Returns how much it wrote; 0 means that all input is used and nothing is pending.
  // Throws Error{CompressionBroken}: damaged data, wrong checksum, trailing bytes, a limit.
  std::size_t step(std::span<const unsigned char>& input, std::span<unsigned char> output);

  // Call it after the last byte. Throws Error{CompressionBroken} when the data ended in the middle.
  void finish() const;

  // Everything step() took, and everything it wrote.
  std::uint64_t bytes_in() const { return bytes_in_ + (first_ ? 1U : 0U); }
  std::uint64_t bytes_out() const { return bytes_out_; }

 private:
  struct End {
    void operator()(z_stream_s* stream) const noexcept;
  };
  std::size_t step_stream(std::span<const unsigned char>& input, std::span<unsigned char> output);
  bool detect_wrapping(std::span<const unsigned char>& input);
  void count(std::size_t taken, std::size_t written);

  Compression compression_;
  InflateLimits limits_;
  std::unique_ptr<z_stream_s, End> stream_;  // null until the wrapping of a deflate stream is known
  std::optional<unsigned char> first_;       // the first byte, while the second is awaited
  bool ended_ = false;                       // at the end of a stream or member
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
};

class Deflater {
 public:
  // Deflate writes a raw stream (RFC 1951, as the keyword is registered). `level`: 1 fast to 9
  // small.
  explicit Deflater(Compression compression, int level = 6);
  ~Deflater();
  Deflater(Deflater&&) noexcept;
  Deflater& operator=(Deflater&&) noexcept;

  // As Inflater::step().
  std::size_t step(std::span<const unsigned char>& input, std::span<unsigned char> output);

  // After the last byte: call it until it returns 0.
  std::size_t finish(std::span<unsigned char> output);

 private:
  struct End {
    void operator()(z_stream_s* stream) const noexcept;
  };
  std::size_t run(std::span<const unsigned char>& input, std::span<unsigned char> output,
                  int flush);

  std::unique_ptr<z_stream_s, End> stream_;  // null for None
  bool ended_ = false;
};

}  // namespace ipm::ipp
