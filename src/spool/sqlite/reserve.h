#pragma once
// Room on the disk that is kept for relief: a file beside the database that takes it up and holds
// nothing. Given up, it lets the log be copied back and jobs end, on a disk that is full.

#include <cstdint>
#include <filesystem>

#include "base/error.h"

namespace ipm::spool::sqlite {

class Durability;

// Belongs to one thread at a time.
class Reserve {
 public:
  // Takes over the file of an earlier run, or makes one; of at most a share of its disk. Where the
  // disk is too full to open a database, an old one is given up at once. Of 0 bytes: there is none.
  Reserve(std::filesystem::path file, std::uint64_t bytes, Durability& disk);

  std::uint64_t bytes() const { return bytes_; }  // As large as it is, or is to be.
  // There is no room for it now: what room there is belongs to relief.
  bool is_missing() const { return missing_; }
  bool is_there() const { return is_there_; }

  bool give_up() noexcept;  // False: there was none.
  // Makes it again where there is room for it and some more. No failure: it stays missing. A file
  // system that cannot have it at all has none from then on.
  void rebuild() noexcept;

 private:
  void make() noexcept;
  void remove() noexcept;

  Durability& disk_;
  std::filesystem::path file_;
  std::uint64_t bytes_ = 0;
  bool is_there_ = false;
  bool missing_ = false;
};

// What is said to whoever brings new work while the reserve is missing.
Error no_room(const std::filesystem::path& folder);

}  // namespace ipm::spool::sqlite
