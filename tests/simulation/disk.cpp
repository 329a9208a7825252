#include "disk.h"

#include <utility>

#include "system_calls.h"

namespace ipm::simulation {
namespace fs = std::filesystem;
using spool::test::PowerCut;

Disk::Disk(fs::path root) : root_(std::move(root)) {
  fs::create_directories(spool() / "documents");
  power_.ask([this](PowerCut::Doing doing) { return judge(doing); });
  watch_calls([this](const fs::path& path) -> LossyFolder* {
    for (auto& [name, folder] : devices_) {
      if (folder->holds(path)) return folder.get();
    }
    return nullptr;
  });
}

Disk::~Disk() {
  watch_calls({});
}

fs::path Disk::spool() const {
  return root_ / ("spool-" + std::to_string(life_));
}

std::shared_ptr<spool::sqlite::Durability> Disk::durability() const {
  return power_.durability();
}

LossyFolder& Disk::device(const std::string& name) {
  auto& folder = devices_[name];
  if (!folder) {
    folder = std::make_unique<LossyFolder>(root_ / name,
                                           [this](PowerCut::Doing doing) { return judge(doing); });
  }
  return *folder;
}

void Disk::mend_devices() {
  for (auto& [name, folder] : devices_) {
    folder->set_away(false);
    folder->set_full(false);
  }
}

void Disk::set_full(bool full) {
  full_ = full;
}

void Disk::refuse_syncs(unsigned count) {
  refused_syncs_ = count;
}

void Disk::cut_after(unsigned operations) {
  cut_at_ = operations_ + operations;
}

void Disk::power_on(Dice& dice) {
  const fs::path before = spool();
  ++life_;
  power_.copy(before, spool(), dice.any());
  fs::remove_all(before);
  for (auto& [name, folder] : devices_) folder->cut(dice);
  off_ = false;
  refused_syncs_ = 0;
  cut_at_ = UINT64_MAX;
}

PowerCut::Answer Disk::judge(PowerCut::Doing doing) {
  if (++operations_ > cut_at_) off_ = true;
  if (off_) return PowerCut::Answer::Broken;
  if (doing == PowerCut::Doing::Grow && full_) return PowerCut::Answer::Full;
  if (doing == PowerCut::Doing::Sync && refused_syncs_ > 0) {
    --refused_syncs_;
    return PowerCut::Answer::Broken;
  }
  return PowerCut::Answer::Yes;
}

}  // namespace ipm::simulation
