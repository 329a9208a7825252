#pragma once
// The options that `ipm trust build` and `update` share: which roots, and how they are written.

#include <CLI/CLI.hpp>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "trust/bundle.h"
#include "trust/purposes.h"

namespace ipm::app {

struct SelectionOptions {
  std::optional<std::string> both;      // -p PURPOSES:LEVELS
  std::optional<std::string> purposes;  // --purposes
  std::optional<std::string> levels;    // --levels
  std::optional<std::string> digests;   // --digest
  bool text = false;
  bool meta = false;
  std::size_t width = trust::kPemWidth;
  std::optional<std::filesystem::path> deny_file;

  void add_to(CLI::App& command);

  // Throw Error{UsageWrong} for words that do not exist.
  trust::Selection selection() const;
  trust::BundleStyle style() const;
};

}  // namespace ipm::app
