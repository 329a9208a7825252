#pragma once
// Who may look into a file or folder, as values: each system has its own way to say it.

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace ipm::os {

enum class Privacy {
  Owner,          // nobody else reads, writes or enters
  OwnerAndGroup,  // the owner writes, the group reads or enters
  Everyone,       // the owner writes, all read or enter
};

// Makes an existing file or folder exactly so, whatever the umask was when it was made.
std::error_code set_privacy(const std::filesystem::path& path, Privacy privacy);

// What makes a file its owner's only, to be typed in a shell: "chmod 600 FILE". `word` is the path
// as the shell wants it.
std::string private_file_command(std::string_view word);

}  // namespace ipm::os
