#pragma once
// Columns for people: as wide as their widest cell, counted in characters, the last one as it
// comes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ipm::app {

enum class Color { None, Green, Yellow, Red };

struct Cell {
  std::string text;  // printable: foreign text has gone through printable()
  Color color = Color::None;

  Cell(std::string content, Color painted = Color::None)
      : text(std::move(content)), color(painted) {}
  Cell(const char* content) : text(content) {}
};

class Table {
 public:
  // Columns marked as numbers are aligned to the right.
  struct Column {
    std::string_view title;
    bool number = false;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns; a note stands below its row, outside the columns.
  void add(std::vector<Cell> row, std::string note = {});
  bool empty() const { return rows_.empty(); }

  // The title line and the rows, each with its line break.
  std::string text(bool colored) const;

 private:
  std::vector<Column> columns_;
  struct Row {
    std::vector<Cell> cells;
    std::string note;
  };
  std::vector<Row> rows_;
};

// "label   value" lines, the values aligned. Those without a value are left out.
class Sheet {
 public:
  void add(std::string_view label, Cell value);
  // Each line begins with `indent` blanks.
  std::string text(bool colored, std::size_t indent = 2) const;

 private:
  struct Line {
    std::string label;
    Cell value;
  };
  std::vector<Line> lines_;
};

// "512 bytes", "14.2 KiB", "3.0 GiB".
std::string size_text(std::uint64_t bytes);

}  // namespace ipm::app
