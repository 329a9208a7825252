#pragma once
// Where passphrases come from: a file, or the terminal. Never the command line, which every user of
// the machine can read.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "ipm/common/context.h"

namespace ipm::app {

// The first line of the file. Throws Error{UsageWrong} when it is empty.
Secret read_passphrase(const std::filesystem::path& file);

// For opening: the file's, or asked for at the terminal.
Secret existing_passphrase(const std::optional<std::filesystem::path>& file,
                           std::string_view prompt);
// For sealing: the file's, or asked for twice.
Secret new_passphrase(const std::optional<std::filesystem::path>& file, std::string_view prompt);

void add_passphrase_option(CLI::App& command, std::optional<std::filesystem::path>& file);

}  // namespace ipm::app
