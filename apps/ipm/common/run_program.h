#pragma once
// Running another program without a shell, with nothing on its standard input and its output on our
// standard error.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipm::app {

// Where the system keeps `name`: /usr/bin, /usr/sbin and the like, never the current folder.
std::optional<std::filesystem::path> find_program(std::string_view name);

// Waits for its end. Throws Error{Unexpected} where it does not start or does not end with 0.
void run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments);

}  // namespace ipm::app
