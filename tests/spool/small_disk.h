#pragma once
// A small disk: an SQLite VFS, and the durability of the spool's folder, that count the bytes of all
// files in that folder and refuse what goes beyond.

#include <cstdint>
#include <filesystem>
#include <memory>

#include "spool/sqlite/document_folder.h"

namespace ipm::spool::test {

// While it lives, every SQLite database that this process opens goes through it. One at a time.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path folder, std::uint64_t bytes);
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk();  // All databases are closed by then.

  std::shared_ptr<sqlite::Durability> durability() const;

  std::uint64_t free_bytes() const;
  // Files of somebody else, who takes so much of it.
  void take(std::uint64_t bytes);
  void take_all() { take(free_bytes()); }
  void give_back();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace ipm::spool::test
