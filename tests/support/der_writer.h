#pragma once
// Writes DER, right or wrong, for the certificates of tests. Header-only and on its own, so that no
// mistake of the product's readers can hide behind the same mistake here.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace ipm::test::der {

inline std::string element(std::uint8_t tag, std::string_view content) {
  std::string text(1, static_cast<char>(tag));
  if (content.size() < 0x80) {
    text += static_cast<char>(content.size());
  } else {
    std::string length;
    for (std::size_t rest = content.size(); rest != 0; rest >>= 8U) {
      length.insert(length.begin(), static_cast<char>(rest & 0xffU));
    }
    text += static_cast<char>(0x80U + length.size());
    text += length;
  }
  return text.append(content);
}

inline std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text += part;
  return text;
}
inline std::string sequence(std::initializer_list<std::string_view> parts) {
  return element(0x30, joined(parts));
}
inline std::string set(std::initializer_list<std::string_view> parts) {
  return element(0x31, joined(parts));
}
inline std::string integer(long value) {
  std::string content;
  do {
    content.insert(content.begin(), static_cast<char>(value & 0xff));
    value >>= 8;
  } while (value != 0 && value != -1);
  if (value == 0 && (static_cast<std::uint8_t>(content.front()) & 0x80U) != 0) {
    content.insert(content.begin(), '\0');
  }
  return element(0x02, content);
}
inline std::string boolean(bool value) {
  return element(0x01, std::string(1, value ? '\xff' : '\0'));
}
inline std::string null() {
  return element(0x05, "");
}
inline std::string octets(std::string_view content) {
  return element(0x04, content);
}
inline std::string bits(std::string_view bytes, unsigned unused = 0) {
  return element(0x03, std::string(1, static_cast<char>(unused)).append(bytes));
}
inline std::string utf8(std::string_view text) {
  return element(0x0c, text);
}
inline std::string printable(std::string_view text) {
  return element(0x13, text);
}
inline std::string utc_time(std::string_view text) {
  return element(0x17, text);
}
inline std::string generalized_time(std::string_view text) {
  return element(0x18, text);
}
inline std::string context(unsigned number, std::string_view content) {
  return element(static_cast<std::uint8_t>(0x80U + number), content);
}
inline std::string context_constructed(unsigned number, std::string_view content) {
  return element(static_cast<std::uint8_t>(0xa0U + number), content);
}

// "1.2.840.113549.1.1.11"
inline std::string oid(std::string_view dotted) {
  std::string content;
  unsigned long first = 0;
  int index = 0;
  while (!dotted.empty()) {
    const std::size_t dot = dotted.find('.');
    unsigned long arc = std::stoul(std::string(dotted.substr(0, dot)));
    dotted.remove_prefix(dot == std::string_view::npos ? dotted.size() : dot + 1);
    if (index++ == 0) {
      first = arc;
      continue;
    }
    if (index == 2) arc += first * 40;
    std::string base128(1, static_cast<char>(arc & 0x7fU));
    while ((arc >>= 7U) != 0) {
      base128.insert(base128.begin(), static_cast<char>(0x80U | (arc & 0x7fU)));
    }
    content += base128;
  }
  return element(0x06, content);
}

}  // namespace ipm::test::der
