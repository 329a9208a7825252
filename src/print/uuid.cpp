#include "print/uuid.h"

#include <algorithm>
#include <string_view>

namespace ipm::print {

std::string uuid_urn(std::span<const unsigned char, 16> random) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "urn:uuid:";
  text.reserve(text.size() + 36);
  for (std::size_t i = 0; i < random.size(); ++i) {
    unsigned byte = random[i];
    if (i == 6) byte = (byte & 0x0FU) | 0x40U;  // version 4
    if (i == 8) byte = (byte & 0x3FU) | 0x80U;  // the variant of the RFC
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0x0FU];
  }
  return text;
}

std::string UuidMaker::next() {
  std::array<unsigned char, kBytes> own;
  {
    const std::lock_guard lock(mutex_);
    if (left_ == 0) {
      fill_random_(random_);
      left_ = kAtOnce;
    }
    --left_;
    const std::span part = std::span(random_).subspan(left_ * kBytes, kBytes);
    std::copy(part.begin(), part.end(), own.begin());
  }
  return uuid_urn(own);
}

}  // namespace ipm::print
