#include "lossy_folder.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

namespace ipm::simulation {
namespace fs = std::filesystem;
using spool::test::PowerCut;

LossyFolder::LossyFolder(fs::path path, Judge judge)
    : path_(std::move(path)), judge_(std::move(judge)) {
  fs::create_directories(path_);
}

void LossyFolder::set_away(bool away) {
  if (std::exchange(away_, away) == away) return;
  const fs::path aside = path_.string() + "-away";
  fs::rename(away ? path_ : aside, away ? aside : path_);
}

std::string LossyFolder::content_of(const std::string& name) const {
  std::ifstream stream((away_ ? fs::path(path_.string() + "-away") : path_) / name,
                       std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::map<std::string, std::string> LossyFolder::files() const {
  std::map<std::string, std::string> found;
  for (const auto& [name, file] : live_) {
    if (!name.starts_with('.')) found[name] = content_of(name);
  }
  return found;
}

int LossyFolder::judge(PowerCut::Doing doing) const {
  switch (judge_(doing)) {
    case PowerCut::Answer::Full:
      return ENOSPC;
    case PowerCut::Answer::Broken:
      return EIO;
    case PowerCut::Answer::Yes:
      break;
  }
  return doing == PowerCut::Doing::Grow && full_ ? ENOSPC : 0;
}

void LossyFolder::apply(Names& names, const Naming& naming) {
  if (!naming.freed.empty()) names.erase(naming.freed);
  if (naming.file) {
    names[naming.name] = naming.file;
  } else {
    names.erase(naming.name);
  }
}

int LossyFolder::made(const std::string& name) {
  if (live_.contains(name)) return 0;
  pending_.push_back({name, std::make_shared<File>(), {}});
  apply(live_, pending_.back());
  return 0;
}

int LossyFolder::write() {
  return judge(PowerCut::Doing::Grow);
}

int LossyFolder::sync(const std::string& name) {
  const int failure = judge(PowerCut::Doing::Sync);
  if (failure == 0 && live_.contains(name)) live_[name]->synced = content_of(name);
  return failure;
}

int LossyFolder::sync_names() {
  const int failure = judge(PowerCut::Doing::Sync);
  if (failure != 0) return failure;
  for (const auto& naming : pending_) apply(durable_, naming);
  pending_.clear();
  return 0;
}

int LossyFolder::rename(const std::string& from, const std::string& to) {
  const int failure = judge(PowerCut::Doing::Write);
  if (failure != 0 || !live_.contains(from)) return failure;
  pending_.push_back({to, live_[from], from});
  apply(live_, pending_.back());
  return 0;
}

int LossyFolder::remove(const std::string& name) {
  const int failure = judge(PowerCut::Doing::Write);
  if (failure != 0 || !live_.contains(name)) return failure;
  pending_.push_back({name, nullptr, {}});
  apply(live_, pending_.back());
  return 0;
}

void LossyFolder::cut(Dice& dice) {
  const std::size_t kept = dice.below(pending_.size() + 1);
  for (std::size_t at = 0; at < kept; ++at) apply(durable_, pending_[at]);
  std::map<std::string, std::string> contents;
  for (const auto& [name, file] : durable_) {
    std::string content = file->synced.value_or("");
    if (!file->synced) {
      for (const auto& [live, same] : live_) {
        if (same == file) content = content_of(live);
      }
      content.resize(dice.below(content.size() + 1));
      file->synced = content;
    }
    contents[name] = std::move(content);
  }
  const bool away = away_;
  set_away(false);
  fs::remove_all(path_);
  fs::create_directories(path_);
  for (const auto& [name, content] : contents) {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }
  set_away(away);
  pending_.clear();
  live_ = durable_;
}

}  // namespace ipm::simulation
