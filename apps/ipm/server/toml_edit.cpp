#include "ipm/server/toml_edit.h"

#include <fmt/format.h>

#include <vector>

#include "base/text.h"

namespace ipm::app {
namespace {

// "encryption" for "[encryption]  # comment"; empty for any other line.
std::string_view section_of(std::string_view line) {
  line = trim(line);
  if (!line.starts_with('[') || line.starts_with("[[")) return {};
  const auto end = line.find(']');
  return end == std::string_view::npos ? std::string_view() : trim(line.substr(1, end - 1));
}

std::string_view key_of(std::string_view line) {
  const auto equals = line.find('=');
  return equals == std::string_view::npos ? std::string_view() : trim(line.substr(0, equals));
}

}  // namespace

std::string set_toml_value(std::string_view text, std::string_view section, std::string_view key,
                           std::string_view value) {
  const std::string wanted = fmt::format("{} = {}", key, value);
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n')) lines.emplace_back(line);
  while (!lines.empty() && trim(lines.back()).empty()) lines.pop_back();

  std::size_t head = lines.size();
  bool inside = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (const auto found = section_of(lines[i]); !found.empty()) {
      inside = found == section;
      if (inside) head = i;
    } else if (inside && key_of(lines[i]) == key) {
      lines[i] = wanted;
      return fmt::format("{}\n", fmt::join(lines, "\n"));
    }
  }
  if (head == lines.size()) {
    if (!lines.empty()) lines.emplace_back();
    lines.push_back(fmt::format("[{}]", section));
    lines.push_back(wanted);
  } else {
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(head) + 1, wanted);
  }
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

}  // namespace ipm::app
