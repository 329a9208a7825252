#pragma once
// A power cut, as a disk sees it: an SQLite VFS, and the documents' durability, that write through
// to real files and remember what was not synced, so that a copy can be made in which any of that is
// lost.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "spool/sqlite/document_folder.h"

namespace ipm::spool::test {

// While it lives, every SQLite database that this process opens goes through it. One at a time.
class PowerCut {
 public:
  PowerCut();
  PowerCut(const PowerCut&) = delete;
  PowerCut& operator=(const PowerCut&) = delete;
  ~PowerCut();  // All databases are closed by then.

  // What the disk is about to do, and what it says to it. Grow: a write that makes the file longer.
  enum class Doing { Write, Grow, Sync };
  enum class Answer { Yes, Full, Broken };
  void ask(std::function<Answer(Doing)> judge);

  // For the documents of the spool in question.
  std::shared_ptr<sqlite::Durability> durability() const;

  // Makes in `to` what the disk holds of the files in `from`, and of `from`/documents, when the power goes now: what was
  // synced, and of all writes since then, sector by sector, those that `seed` picks.
  void copy(const std::filesystem::path& from, const std::filesystem::path& to,
            std::uint64_t seed) const;

  std::uint64_t syncs() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace ipm::spool::test
