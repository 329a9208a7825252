#pragma once
// Attribute sections written octet by octet, also broken ones.

#include <cstdint>
#include <string>
#include <string_view>

namespace ipm::ipp {

class RawSection {
 public:
  explicit RawSection(std::string_view header = std::string_view("\x02\x00\x00\x0b\x00\x00\x00\x01",
                                                                 8))
      : bytes_(header) {}

  RawSection& octet(int value) {
    bytes_ += static_cast<char>(value);
    return *this;
  }
  RawSection& length(std::size_t value) {
    return octet(static_cast<int>(value >> 8U)).octet(static_cast<int>(value & 0xFFU));
  }
  RawSection& text(std::string_view value) {
    bytes_ += value;
    return *this;
  }
  RawSection& value(int tag, std::string_view name, std::string_view octets) {
    return octet(tag).length(name.size()).text(name).length(octets.size()).text(octets);
  }
  RawSection& operation() {
    return octet(1)
        .value(0x47, "attributes-charset", "utf-8")
        .value(0x48, "attributes-natural-language", "en");
  }
  std::string end() { return octet(3).bytes_; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace ipm::ipp
