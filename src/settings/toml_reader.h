#pragma once
// Reading a TOML file strictly: every key must be known and of its type, and every complaint names
// the file, the line, what was found and what is wanted.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipm::settings {

class TomlReader {
 public:
  // Throws Error{ConfigurationWrong} for text that is no TOML.
  TomlReader(std::string_view text, std::string origin);
  ~TomlReader();
  TomlReader(TomlReader&&) noexcept;
  TomlReader& operator=(TomlReader&&) = delete;

  // `key` is dotted: "encryption.mutual". Absent when the file does not have it. Throw
  // Error{ConfigurationWrong} for another type, or a number outside `lowest` to `highest`.
  std::optional<std::string> find_text(std::string_view key);
  std::optional<bool> find_boolean(std::string_view key);
  std::optional<std::int64_t> find_integer(std::string_view key, std::int64_t lowest,
                                           std::int64_t highest);
  std::optional<std::vector<std::string>> find_texts(std::string_view key);

  // The tables of an array ([[key]]), in order, each to be read as strictly as the file; their
  // complaints name the keys as "key.name". Each must be finished too.
  std::vector<TomlReader> tables(std::string_view key, std::size_t count_max);

  // "FILE, line N": where this table begins.
  std::string place() const;

  // Complains of a value that was read but is not acceptable: `wanted` says what would be.
  [[noreturn]] void refuse(std::string_view key, std::string_view found,
                           std::string_view wanted) const;
  // Complains that this table lacks a key.
  [[noreturn]] void refuse_absent(std::string_view key, std::string_view wanted) const;
  // After reading: throws Error{ConfigurationWrong} for a key that nobody asked for, naming the
  // line and the nearest known key.
  void finish() const;

 private:
  struct State;
  explicit TomlReader(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace ipm::settings
