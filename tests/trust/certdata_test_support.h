#pragma once
// What the tests of the Mozilla store share: its files, its day, and the way an Error reads.

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "trust/certdata.h"

namespace ipm::trust::test {

inline const std::filesystem::path kOwn = std::filesystem::path(IPM_TEST_DATA) / "certdata";
inline const std::filesystem::path kShared = std::filesystem::path(IPM_SHARED_DATA) / "certdata";

// The day for which the expected lists were made.
inline TimePoint that_day() {
  return *parse_rfc3339("2026-11-21T12:00:00Z");
}

inline std::string own(std::string_view name) {
  return read_file(kOwn / name, kBundleFileBytesMax);
}

// Mozilla's newest file; absent where the project stands alone.
inline std::optional<std::string> newest() {
  return find_file(kShared / "certdata.txt", kBundleFileBytesMax);
}

// `text` with the first `old` behind `after` replaced.
inline std::string replaced(std::string text, std::string_view old, std::string_view with,
                            std::string_view after = {}) {
  const auto from = text.find(after);
  const auto at = from == std::string::npos ? from : text.find(old, from);
  EXPECT_NE(at, std::string::npos) << "no " << old;
  return at == std::string::npos ? text : text.replace(at, old.size(), with);
}

// The number of the line in which the byte `at` stands.
inline std::size_t line_of(std::string_view text, std::size_t at) {
  std::size_t line = 1;
  for (const char c : text.substr(0, at)) line += c == '\n' ? 1 : 0;
  return line;
}

// What `work` throws; fails the test where it throws nothing.
template <class Work>
Error error_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {Message::Notice, "nothing was thrown", ""};
}

}  // namespace ipm::trust::test
