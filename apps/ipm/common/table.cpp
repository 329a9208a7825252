#include "ipm/common/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ipm::app {
namespace {

// Characters of UTF-8 text: its bytes but those that continue one.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

constexpr std::string_view kNoteIndent = "        ";

std::string_view escape_of(Color color) {
  switch (color) {
    case Color::Green:
      return "\x1b[32m";
    case Color::Yellow:
      return "\x1b[33m";
    case Color::Red:
      return "\x1b[31m";
    case Color::None:
      break;
  }
  return {};
}

std::string painted(const Cell& cell, bool colored) {
  if (!colored || cell.color == Color::None) return cell.text;
  return fmt::format("{}{}\x1b[0m", escape_of(cell.color), cell.text);
}

std::string blanks(std::size_t wanted, std::size_t there) {
  return std::string(wanted > there ? wanted - there : 0, ' ');
}

}  // namespace

void Table::add(std::vector<Cell> row, std::string note) {
  row.resize(columns_.size(), Cell(""));
  rows_.push_back({std::move(row), std::move(note)});
}

std::string Table::text(bool colored) const {
  std::vector<std::size_t> widths;
  for (std::size_t at = 0; at < columns_.size(); ++at) {
    std::size_t width = width_of(columns_[at].title);
    for (const auto& row : rows_) width = std::max(width, width_of(row.cells[at].text));
    widths.push_back(width);
  }
  std::string out;
  const auto add_line = [&](const std::vector<Cell>& row) {
    for (std::size_t at = 0; at < row.size(); ++at) {
      const std::string padding = blanks(widths[at], width_of(row[at].text));
      const bool last = at + 1 == row.size();
      if (columns_[at].number) out += padding;
      out += painted(row[at], colored);
      if (!columns_[at].number && !last) out += padding;
      if (!last) out += "  ";
    }
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  };
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.emplace_back(std::string(column.title));
  add_line(titles);
  for (const auto& row : rows_) {
    add_line(row.cells);
    if (!row.note.empty()) out += fmt::format("{}{}\n", kNoteIndent, row.note);
  }
  return out;
}

void Sheet::add(std::string_view label, Cell value) {
  if (!value.text.empty()) lines_.push_back({std::string(label), std::move(value)});
}

std::string Sheet::text(bool colored, std::size_t indent) const {
  std::size_t width = 0;
  for (const Line& line : lines_) width = std::max(width, width_of(line.label));
  std::string out;
  for (const Line& line : lines_) {
    out += fmt::format("{}{}{}  {}\n", std::string(indent, ' '), line.label,
                       blanks(width, width_of(line.label)), painted(line.value, colored));
  }
  return out;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB"};
  constexpr double kStep = 1024.0;
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  double amount = static_cast<double>(bytes) / kStep;
  std::size_t unit = 0;
  while (amount >= kStep && unit + 1 < kUnits.size()) {
    amount /= kStep;
    ++unit;
  }
  return fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

}  // namespace ipm::app
