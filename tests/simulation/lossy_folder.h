#pragma once
// The folder of a file device on a disk that loses what was not synced: names in the order in which
// they were given and taken, and the bytes of files that were not synced.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../spool/power_cut.h"
#include "dice.h"

namespace ipm::simulation {

class LossyFolder {
 public:
  using Judge = std::function<spool::test::PowerCut::Answer(spool::test::PowerCut::Doing)>;

  LossyFolder(std::filesystem::path path, Judge judge);

  const std::filesystem::path& path() const { return path_; }
  bool holds(const std::filesystem::path& file) const { return file.parent_path() == path_; }

  // It is out of reach, or back; it is full, or not.
  void set_away(bool away);
  bool is_away() const { return away_; }
  void set_full(bool full) { full_ = full; }

  // What lies there under final names, by name.
  std::map<std::string, std::string> files() const;

  // --- The system's calls, before they are carried out. What is returned is errno, or 0.
  int made(const std::string& name);  // afterwards
  int write();
  int sync(const std::string& name);
  int sync_names();
  int rename(const std::string& from, const std::string& to);
  int remove(const std::string& name);

  void cut(Dice& dice);

 private:
  struct File {
    std::optional<std::string> synced;
  };
  using Names = std::map<std::string, std::shared_ptr<File>>;
  struct Naming {
    std::string name;
    std::shared_ptr<File> file;  // null: the name is free again
    std::string freed;           // with the same stroke; or empty
  };

  int judge(spool::test::PowerCut::Doing doing) const;
  std::string content_of(const std::string& name) const;
  static void apply(Names& names, const Naming& naming);

  std::filesystem::path path_;
  Judge judge_;
  bool away_ = false;
  bool full_ = false;
  Names live_;
  Names durable_;
  std::vector<Naming> pending_;
};

}  // namespace ipm::simulation
