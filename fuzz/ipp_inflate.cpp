// floors: ipp
// Any bytes as a compressed document: never more output than the limit, and the same output and the
// same verdict whatever the pieces. The first byte chooses the compression.
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.h"
#include "ipp/compression.h"

namespace {

struct Result {
  std::string out;
  bool sound = false;
  bool operator==(const Result&) const = default;
};

constexpr ipm::ipp::InflateLimits kLimits{1U << 20U, 100, 1U << 16U};

Result unpack(ipm::ipp::Compression kind, std::span<const unsigned char> packed, std::size_t piece,
              std::size_t room) {
  Result result;
  std::vector<unsigned char> buffer(room);
  try {
    ipm::ipp::Inflater inflater(kind, kLimits);
    while (!packed.empty()) {
      auto input = packed.first(std::min(piece, packed.size()));
      packed = packed.subspan(input.size());
      while (const std::size_t written = inflater.step(input, buffer)) {
        result.out.append(reinterpret_cast<const char*>(buffer.data()), written);
      }
      if (!input.empty()) std::abort();
    }
    inflater.finish();
    result.sound = true;
  } catch (const ipm::Error&) {
    result.out.clear();
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<ipm::ipp::Compression>(data[0] % 3);
  const std::span<const unsigned char> packed(data + 1, size - 1);
  const Result whole = unpack(kind, packed, packed.size() + 1, 1U << 16U);
  if (whole.out.size() > kLimits.output_bytes_max) std::abort();
  // A ratio is judged with what has been read so far, so small pieces are not read as far ahead.
  const Result pieces = unpack(kind, packed, 3, 1U << 16U);
  if (whole.sound && whole.out.size() <= kLimits.ratio_free_bytes && !(whole == pieces))
    std::abort();
  if (whole.sound && pieces.sound && whole.out != pieces.out) std::abort();
  return 0;
}
