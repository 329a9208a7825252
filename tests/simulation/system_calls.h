#pragma once
// Between the floor `os` and the system: the calls that change files, for the folders of devices.
// The linker puts them there (--wrap); SQLite's have a VFS of their own.

#include <filesystem>
#include <functional>

#include "lossy_folder.h"

namespace ipm::simulation {

// `find` tells which folder a file lies in; null: none of ours.
void watch_calls(std::function<LossyFolder*(const std::filesystem::path&)> find);

}  // namespace ipm::simulation
