#pragma once
// Where this system's customs put a program's files.

#include <filesystem>

namespace ipm::os {

struct SystemFolders {
  std::filesystem::path configuration;  // written by administrators
  std::filesystem::path state;          // kept over a restart
  std::filesystem::path logs;
  std::filesystem::path run;  // sockets; empty after a start of the machine
};

SystemFolders system_folders();

}  // namespace ipm::os
