// Files, folders and what is said of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include "os/error.h"
#include "os/file.h"
#include "os/folder.h"
#include "temporary_folder.h"

namespace ipm::os {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Pair;

class OsFiles : public ::testing::Test {
 protected:
  const fs::path& folder() const { return folder_.path(); }
  fs::path file(const std::string& name, std::string_view bytes = "bytes") const {
    fs::path path = folder() / name;
    std::ofstream(path) << bytes;
    return path;
  }
  static std::string content(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static unsigned mode_of(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0);
    return status.st_mode & 07777U;
  }

  std::error_code failure_;

 private:
  test::TemporaryFolder folder_;
};

TEST_F(OsFiles, MakeRefusesWhateverHasTheName) {
  const auto there = file("there");
  fs::create_symlink(folder() / "nowhere", folder() / "link");
  for (const auto& path : {there, folder() / "link", folder()}) {
    EXPECT_FALSE(File::open(path, Intent::Make, failure_)) << path;
    EXPECT_EQ(failure_, std::errc::file_exists) << path;
  }
  EXPECT_FALSE(fs::exists(folder() / "nowhere"));
  EXPECT_EQ(content(there), "bytes");
}

TEST_F(OsFiles, AllocatedRoomIsTakenFromTheDisk) {
  const auto path = folder() / "room";
  File room = File::open(path, Intent::Make, failure_);
  ASSERT_TRUE(room);
  EXPECT_FALSE(room.allocate(1'000'000));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_size, 1'000'000);
  EXPECT_GE(status.st_blocks * 512, 1'000'000) << "no hole";
  EXPECT_EQ(room.allocate(std::uint64_t{1} << 62U), std::errc::file_too_large);
}

TEST_F(OsFiles, MakeOrClearEmptiesAFileButFollowsNoLink) {
  const auto there = file("there");
  fs::create_symlink(there, folder() / "link");
  EXPECT_FALSE(File::open(folder() / "link", Intent::MakeOrClear, failure_));
  EXPECT_TRUE(failure_);
  EXPECT_EQ(content(there), "bytes");
  EXPECT_TRUE(File::open(there, Intent::MakeOrClear, failure_));
  EXPECT_EQ(content(there), "");
}

TEST_F(OsFiles, ReadOwnRefusesALinkAndReadFollowsIt) {
  fs::create_symlink(file("there"), folder() / "link");
  EXPECT_TRUE(File::open(folder() / "link", Intent::Read, failure_));
  EXPECT_FALSE(File::open(folder() / "link", Intent::ReadOwn, failure_));
  EXPECT_EQ(failure_, std::errc::too_many_symbolic_link_levels);
}

TEST_F(OsFiles, WhatIsNotThereIsSaidSo) {
  EXPECT_FALSE(File::open(folder() / "none", Intent::Read, failure_));
  EXPECT_EQ(failure_, std::errc::no_such_file_or_directory);
  EXPECT_EQ(text_of(failure_), "No such file or directory");
  EXPECT_FALSE(File::open(file("there") / "below", Intent::Read, failure_));
  EXPECT_EQ(failure_, std::errc::not_a_directory);
  look_at(folder() / "none", failure_);
  EXPECT_EQ(failure_, std::errc::no_such_file_or_directory);
  EXPECT_EQ(remove_file(folder() / "none"), std::errc::no_such_file_or_directory);
  EXPECT_EQ(replace(folder() / "none", folder() / "x"), std::errc::no_such_file_or_directory);
}

TEST_F(OsFiles, ReadNowWaitsForNoWriterOfAPipe) {
  const auto pipe = folder() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  auto opened = File::open(pipe, Intent::ReadNow, failure_);
  ASSERT_TRUE(opened) << text_of(failure_);
  EXPECT_FALSE(opened.position());
  EXPECT_EQ(opened.facts(failure_).kind, Kind::Other);
}

TEST_F(OsFiles, ANewFileIsPrivateFromItsFirstMomentOn) {
  const mode_t before = ::umask(0);
  auto made = File::open(folder() / "key", Intent::Make, failure_);
  EXPECT_EQ(mode_of(folder() / "key"), 0600U);
  auto shown = File::open(folder() / "print", Intent::Make, failure_, Privacy::OwnerAndGroup);
  EXPECT_EQ(mode_of(folder() / "print"), 0640U);
  ::umask(before);
}

TEST_F(OsFiles, PrivacyIsExactWhateverTheUmask) {
  const mode_t before = ::umask(077);
  auto made = File::open(folder() / "f", Intent::Make, failure_);
  EXPECT_FALSE(made.set_privacy(Privacy::Everyone));
  EXPECT_EQ(mode_of(folder() / "f"), 0644U);
  EXPECT_FALSE(set_privacy(folder() / "f", Privacy::OwnerAndGroup));
  EXPECT_EQ(mode_of(folder() / "f"), 0640U);
  EXPECT_FALSE(make_one_folder(folder() / "d", Privacy::Everyone));
  EXPECT_EQ(mode_of(folder() / "d"), 0755U);
  EXPECT_FALSE(set_privacy(folder() / "d", Privacy::Owner));
  EXPECT_EQ(mode_of(folder() / "d"), 0700U);
  ::umask(before);
  EXPECT_EQ(make_one_folder(folder() / "d", Privacy::Owner), std::errc::file_exists);
  EXPECT_EQ(make_one_folder(folder() / "no" / "d", Privacy::Owner),
            std::errc::no_such_file_or_directory);
}

TEST_F(OsFiles, PrivacyIsJudgedByWhoReadsOrWrites) {
  const auto path = file("f");
  const std::array<std::pair<mode_t, Privacy>, 7> cases = {{{0600, Privacy::Owner},
                                                            {0711, Privacy::Owner},
                                                            {0640, Privacy::OwnerAndGroup},
                                                            {0620, Privacy::OwnerAndGroup},
                                                            {0644, Privacy::Everyone},
                                                            {0602, Privacy::Everyone},
                                                            {0604, Privacy::Everyone}}};
  for (const auto& [mode, privacy] : cases) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(look_at(path, failure_).privacy, privacy) << std::oct << mode;
  }
  ASSERT_FALSE(make_one_folder(folder() / "d", Privacy::Owner));
  ASSERT_EQ(::chmod((folder() / "d").c_str(), 0710), 0);
  EXPECT_EQ(look_at(folder() / "d", failure_).privacy, Privacy::OwnerAndGroup);
  ASSERT_EQ(::chmod((folder() / "d").c_str(), 0701), 0);
  EXPECT_EQ(look_at(folder() / "d", failure_).privacy, Privacy::Everyone);
  EXPECT_EQ(private_file_command("'a b'"), "chmod 600 'a b'");
}

TEST_F(OsFiles, WritesWholeAndReadsAtAnyPlace) {
  auto made = File::open(folder() / "f", Intent::Make, failure_);
  const std::string many(300'000, 'x');
  EXPECT_FALSE(made.write_all("begin"));
  EXPECT_FALSE(made.write_all(many));
  EXPECT_FALSE(made.write_all("end"));
  EXPECT_FALSE(made.sync());
  EXPECT_EQ(made.position(), many.size() + 8);
  made.close();
  EXPECT_FALSE(made);

  auto read = File::open(folder() / "f", Intent::Read, failure_);
  EXPECT_EQ(read.facts(failure_).bytes, many.size() + 8);
  std::array<char, 5> space{};
  EXPECT_EQ(read.read_at(many.size() + 4, space, failure_), 4U);
  EXPECT_EQ(std::string_view(space.data(), 4), "xend");
  EXPECT_EQ(read.read_at(1'000'000, space, failure_), 0U);
  EXPECT_FALSE(failure_);
  EXPECT_EQ(read.position(), 0U);
  EXPECT_EQ(read.read(space, failure_), 5U);
  EXPECT_EQ(std::string_view(space.data(), 5), "begin");
}

TEST_F(OsFiles, AFailureToWriteSaysWhy) {
  auto read_only = File::open(file("f"), Intent::Read, failure_);
  EXPECT_EQ(read_only.write_all("x"), std::errc::bad_file_descriptor);
  auto full = File::open("/dev/full", Intent::MakeOrClear, failure_);
  ASSERT_TRUE(full) << text_of(failure_);
  EXPECT_EQ(full.write_all("x"), std::errc::no_space_on_device);
}

TEST_F(OsFiles, DirectWritesGoWhereTheFileSystemHasThem) {
  auto made = File::open(folder() / "f", Intent::Make, failure_);
  const auto refused = made.set_direct(true);
  if (refused) {
    EXPECT_EQ(refused, std::errc::not_supported);
  } else {
    made.write_some("unaligned", failure_);
    const bool told = !failure_ || failure_ == std::errc::invalid_argument;
    EXPECT_TRUE(told) << text_of(failure_);
  }
  EXPECT_FALSE(made.set_direct(false));
  EXPECT_FALSE(made.write_all("ordinary"));
  made.begin_writeback(0, 8);
  made.will_read_in_order();
}

TEST_F(OsFiles, NoChildInheritsAFile) {
  auto made = File::open(folder() / "f", Intent::Make, failure_);
  // A shell lists what it has open: the file is not among them.
  const std::string command = "ls -l /proc/self/fd | grep -q '" + (folder() / "f").string() + "'";
  EXPECT_NE(std::system(command.c_str()), 0);  // NOLINT
}

TEST_F(OsFiles, ReplaceTakesTheNameAtOnce) {
  const auto old = file("f", "old");
  EXPECT_FALSE(replace(file("new", "new"), old));
  EXPECT_EQ(content(old), "new");
  EXPECT_FALSE(fs::exists(folder() / "new"));
  ASSERT_FALSE(make_one_folder(folder() / "d", Privacy::Owner));
  EXPECT_EQ(replace(old, folder() / "d"), std::errc::is_a_directory);
  EXPECT_EQ(content(old), "new");
}

TEST_F(OsFiles, LooksAtNamesAndAtWhatTheyLeadTo) {
  const auto there = file("there");
  const auto link = folder() / "link";
  fs::create_symlink(there, link);
  EXPECT_EQ(look_at(link, failure_).kind, Kind::File);
  EXPECT_EQ(look_at_name(link, failure_).kind, Kind::Link);
  EXPECT_EQ(look_at(folder(), failure_).kind, Kind::Folder);
  fs::create_hard_link(there, folder() / "same");
  EXPECT_EQ(find_identity(there), find_identity(folder() / "same"));
  EXPECT_NE(find_identity(there), find_identity(link));
  EXPECT_EQ(find_identity(folder() / "none"), std::nullopt);
}

TEST_F(OsFiles, S6_AStampTellsWhateverHappensToAFile) {
  const auto path = file("f", "one");
  auto last = stamp({path, folder() / "none"});
  EXPECT_EQ(last.back(), std::nullopt);
  const auto changed = [&] {
    auto now = stamp({path, folder() / "none"});
    const bool differs = now != last;
    last = std::move(now);
    return differs;
  };
  EXPECT_FALSE(changed());
  std::ofstream(path) << "longer";
  EXPECT_TRUE(changed());
  ASSERT_FALSE(set_privacy(path, Privacy::Owner));
  EXPECT_TRUE(changed());
  ASSERT_FALSE(replace(file("g", "longer"), path));
  EXPECT_TRUE(changed());
  ASSERT_FALSE(remove_file(path));
  EXPECT_TRUE(changed());
  EXPECT_FALSE(changed());
}

TEST_F(OsFiles, AFolderShowsItsEntriesAndLinksAsLinks) {
  file("a", "12");
  fs::create_symlink("a", folder() / "l");
  ASSERT_FALSE(make_one_folder(folder() / "d", Privacy::Owner));
  const auto opened = Folder::open(folder(), failure_);
  std::map<std::string, std::pair<Kind, std::uint64_t>> seen;
  const auto note = [&](std::string_view name, const Facts& facts) {
    seen.emplace(name, std::pair(facts.kind, facts.kind == Kind::File ? facts.bytes : 0));
  };
  EXPECT_FALSE(opened.walk(note));
  EXPECT_THAT(seen, ElementsAre(Pair("a", Pair(Kind::File, 2U)), Pair("d", Pair(Kind::Folder, 0U)),
                                Pair("l", Pair(Kind::Link, 0U))));
  seen.clear();
  EXPECT_FALSE(opened.walk(note));
  EXPECT_EQ(seen.size(), 3U);
}

TEST_F(OsFiles, AFolderIsReachedWhateverBecomesOfItsName) {
  ASSERT_FALSE(make_one_folder(folder() / "d", Privacy::Owner));
  file("d/a");
  const auto opened = Folder::open(folder() / "d", failure_);
  fs::rename(folder() / "d", folder() / "e");
  EXPECT_FALSE(opened.remove("a"));
  EXPECT_FALSE(fs::exists(folder() / "e/a"));
  EXPECT_EQ(opened.remove("a"), std::errc::no_such_file_or_directory);
  file("outside");
  EXPECT_EQ(opened.remove("../outside"), std::errc::invalid_argument);
  EXPECT_TRUE(fs::exists(folder() / "outside"));
  EXPECT_FALSE(opened.sync());
}

TEST_F(OsFiles, AFolderMustBeOne) {
  EXPECT_FALSE(Folder::open(file("f"), failure_));
  EXPECT_EQ(failure_, std::errc::not_a_directory);
  EXPECT_FALSE(Folder::open(folder() / "none", failure_));
  EXPECT_EQ(failure_, std::errc::no_such_file_or_directory);
}

TEST_F(OsFiles, SaysWhatThisProcessMayDo) {
  EXPECT_TRUE(may_change(folder()));
  EXPECT_FALSE(may_change(folder() / "none"));
  EXPECT_FALSE(may_run(file("script")));
  fs::permissions(folder() / "script", fs::perms::owner_all);
  EXPECT_TRUE(may_run(folder() / "script"));
}

}  // namespace
}  // namespace ipm::os
