#include "ipp/destination_name.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace ipm::ipp {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_allowed(char c) {
  return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
}

// The whole character at the front: a letter of several bytes is not shown in halves.
std::string_view character_at_front(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) ++size;
  return text.substr(0, size);
}

// The nearest name that keeps the rule; empty where nothing is left of `name`.
std::string allowed_form(std::string_view name) {
  std::string form;
  while (!name.empty()) {
    const auto character = character_at_front(name);
    name.remove_prefix(character.size());
    const bool keep = character.size() == 1 && is_allowed(character.front());
    const char c = keep ? character.front() : '_';
    if (form.empty() && !is_alphanumeric(c)) continue;
    if (c == '_' && !keep && !form.empty() && form.back() == '_') continue;
    form += c;
  }
  while (!form.empty() && form.back() == '_') form.pop_back();
  form.resize(std::min(form.size(), kDestinationNameBytesMax));
  return form;
}

}  // namespace

std::optional<std::string> destination_name_complaint(std::string_view name) {
  if (name.empty()) return "it is empty";
  const auto wrong = std::find_if_not(name.begin(), name.end(), is_allowed);
  if (wrong != name.end()) {
    const auto rest = name.substr(static_cast<std::size_t>(wrong - name.begin()));
    return fmt::format("it contains '{}'", printable(character_at_front(rest)));
  }
  if (!is_alphanumeric(name.front())) return fmt::format("it begins with '{}'", name.front());
  if (name.size() > kDestinationNameBytesMax) return fmt::format("it has {} letters", name.size());
  return std::nullopt;
}

void check_destination_name(std::string_view name) {
  const auto complaint = destination_name_complaint(name);
  if (!complaint) return;
  const std::string form = allowed_form(name);
  throw Error(
      Message::NameInvalid,
      fmt::format("'{}' cannot be the name of a destination: {}", printable(name), *complaint),
      std::string(kDestinationNameRule),
      form.empty() ? "choose another name; --info takes a description in any letters"
                   : fmt::format("call it {}; --info takes a description in any letters", form));
}

}  // namespace ipm::ipp
