#pragma once
// The person at the keyboard: whether there is one, how wide the screen is, and a question whose
// answer is not shown.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace ipm::os {

enum class Stream { Input, Output, Error };

bool is_terminal(Stream stream);
std::optional<std::size_t> terminal_columns(Stream stream);  // nothing where it is no terminal

// Shows `prompt` at the process's terminal, whatever the standard streams are, and appends a line
// typed there without echo to `answer`, up to its capacity: it is never moved, so no copy of it
// stays behind. Fails where there is no terminal.
std::error_code ask_quietly(std::string_view prompt, std::string& answer);

// Overwrites; no compiler leaves it out.
void wipe(std::span<char> bytes) noexcept;

}  // namespace ipm::os
