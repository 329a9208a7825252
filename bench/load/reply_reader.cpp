#include "load/reply_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "ipp/constants.h"

namespace ipm::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::size_t kIppHeaderBytes = 8;

std::optional<std::string_view> find_field(std::string_view head, std::string_view name) {
  for (auto line : split(head, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (equal_ascii_nocase(line.substr(0, colon), name)) return trim(line.substr(colon + 1));
  }
  return std::nullopt;
}

std::size_t number_of(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

void ReplyReader::begin() {
  text_.clear();
  body_ = 0;
  length_ = 0;
  status_ = 0;
  chunked_ = false;
  closes_ = false;
}

bool ReplyReader::feed(std::string_view bytes) {
  text_.append(bytes);
  while (body_ == 0) {
    if (!read_head()) return false;
  }
  return body_is_whole();
}

// False while it is not whole. Interim replies are dropped.
bool ReplyReader::read_head() {
  const auto end = text_.find(kHeadEnd);
  if (end == std::string::npos) return false;
  const auto head = std::string_view(text_).substr(0, end + 2);
  status_ = static_cast<int>(number_of(head.substr(std::min<std::size_t>(head.size(), 9), 3)));
  if (status_ >= 100 && status_ < 200) {
    text_.erase(0, end + kHeadEnd.size());
    return !text_.empty();
  }
  chunked_ = find_field(head, "Transfer-Encoding").has_value();
  length_ = number_of(find_field(head, "Content-Length").value_or(""));
  closes_ = equal_ascii_nocase(find_field(head, "Connection").value_or(""), "close");
  body_ = end + kHeadEnd.size();
  return true;
}

bool ReplyReader::body_is_whole() const {
  if (!chunked_) return text_.size() >= body_ + length_;
  return text_.size() >= body_ + kLastChunk.size() && text_.ends_with(kLastChunk);
}

std::string ReplyReader::complaint() const {
  if (status_ != 200) return fmt::format("HTTP status {}", status_);
  // A chunk's size stands in a line of its own before the first byte.
  const std::size_t begin = chunked_ ? text_.find('\n', body_) + 1 : body_;
  if (text_.size() < begin + kIppHeaderBytes) return "a reply without IPP";
  const auto octet = [&](std::size_t at) { return static_cast<unsigned char>(text_[begin + at]); };
  const auto status = static_cast<std::uint16_t>(octet(2) << 8U | octet(3));
  return ipp::is_successful(status) ? std::string() : ipp::status_label(status);
}

}  // namespace ipm::bench
