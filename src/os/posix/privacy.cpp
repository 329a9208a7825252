#include "os/privacy.h"

#include "os/posix/call.h"

namespace ipm::os {

mode_t posix::file_mode(Privacy privacy) {
  switch (privacy) {
    case Privacy::Owner:
      return S_IRUSR | S_IWUSR;
    case Privacy::OwnerAndGroup:
      return S_IRUSR | S_IWUSR | S_IRGRP;
    case Privacy::Everyone:
      break;
  }
  return S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
}

// Who may read a folder may enter it.
mode_t posix::folder_mode(Privacy privacy) {
  const mode_t readable = file_mode(privacy);
  return readable | ((readable & (S_IRUSR | S_IRGRP | S_IROTH)) >> 2U);
}

std::error_code posix::set_privacy(const Handle& handle, Privacy privacy) {
  std::error_code failure;
  const Facts facts = facts_of(handle, failure);
  if (failure) return failure;
  const mode_t mode = facts.kind == Kind::Folder ? folder_mode(privacy) : file_mode(privacy);
  return outcome(::fchmod(number(handle), mode));
}

std::error_code set_privacy(const std::filesystem::path& path, Privacy privacy) {
  std::error_code failure;
  const Facts facts = look_at(path, failure);
  if (failure) return failure;
  const mode_t mode =
      facts.kind == Kind::Folder ? posix::folder_mode(privacy) : posix::file_mode(privacy);
  return posix::outcome(::chmod(path.c_str(), mode));
}

std::string private_file_command(std::string_view word) {
  return "chmod 600 " + std::string(word);
}

}  // namespace ipm::os
