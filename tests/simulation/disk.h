#pragma once
// The machine's disk: the spool's files and the folders of file devices, with what a disk does to
// them. At a power cut they lose what was not synced.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "../spool/power_cut.h"
#include "dice.h"
#include "lossy_folder.h"

namespace ipm::simulation {

class Disk {
 public:
  // Below `root`, which is a folder of its own. One at a time.
  explicit Disk(std::filesystem::path root);
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk();

  std::filesystem::path spool() const;  // another one after each power cut
  std::shared_ptr<spool::sqlite::Durability> durability() const;
  LossyFolder& device(const std::string& name);  // made when it is asked for

  void mend_devices();

  // --- What happens to it.
  void set_full(bool full);           // what makes a file longer fails
  void refuse_syncs(unsigned count);  // so many of the next ones
  // The power goes after so many more writes and syncs.
  void cut_after(unsigned operations);
  void keep_power() { cut_at_ = UINT64_MAX; }
  void cut_now() { off_ = true; }
  bool is_off() const { return off_; }
  // Power again, with what was kept. Nothing has a file open.
  void power_on(Dice& dice);

  // What the disk says to the next write or sync.
  spool::test::PowerCut::Answer judge(spool::test::PowerCut::Doing doing);
  std::uint64_t operations() const { return operations_; }

 private:
  std::filesystem::path root_;
  spool::test::PowerCut power_;
  std::map<std::string, std::unique_ptr<LossyFolder>> devices_;
  int life_ = 1;
  bool full_ = false;
  bool off_ = false;
  unsigned refused_syncs_ = 0;
  std::uint64_t operations_ = 0;
  std::uint64_t cut_at_ = UINT64_MAX;
};

}  // namespace ipm::simulation
