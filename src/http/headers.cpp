#include "http/headers.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace ipm::http {
namespace {

// RFC 9110, 5.6.2: tchar
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// RFC 9110, 5.5: visible characters, blanks and obs-text.
bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
  });
}

}  // namespace

void Headers::add(std::string_view name, std::string_view value) {
  value = trim(value);
  if (!is_token(name) || !is_field_value(value)) {
    throw Error(Message::HttpMalformed,
                "the header field \"" + printable(name, 64) + "\" cannot be sent",
                "a name of letters, digits and hyphens, and a value without control characters");
  }
  constexpr std::size_t kTextBytesMax = std::numeric_limits<std::uint32_t>::max();
  if (name.size() + value.size() > kTextBytesMax - text_.size()) {
    throw Error(Message::HttpTooLarge, "the header fields are too large together",
                "less than 4 GiB");
  }
  fields_.push_back({static_cast<std::uint32_t>(text_.size()),
                     static_cast<std::uint32_t>(name.size()),
                     static_cast<std::uint32_t>(value.size())});
  text_.append(name).append(value);
}

void Headers::set(std::string_view name, std::string_view value) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (!equal_ascii_nocase((*this)[i].name, name)) fields_[kept++] = fields_[i];
  }
  fields_.resize(kept);
  add(name, value);
}

void Headers::clear() {
  text_.clear();
  fields_.clear();
}

Headers::Field Headers::operator[](std::size_t index) const {
  const Place& place = fields_[index];
  const std::string_view all = text_;
  return {all.substr(place.at, place.name_size),
          all.substr(place.at + place.name_size, place.value_size)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].name_size != name.size()) continue;
    const Field field = (*this)[i];
    if (equal_ascii_nocase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  std::size_t found = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (equal_ascii_nocase((*this)[i].name, name)) ++found;
  }
  return found;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field field = (*this)[i];
    if (!equal_ascii_nocase(field.name, name)) continue;
    for (const std::string_view part : split(field.value, ',')) {
      if (equal_ascii_nocase(trim(part), token)) return true;
    }
  }
  return false;
}

}  // namespace ipm::http
