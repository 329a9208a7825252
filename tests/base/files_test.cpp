#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "base/error.h"
#include "temporary_folder.h"

namespace ipm {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777U;
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

Message refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.message();
  }
  ADD_FAILURE() << "nothing was refused";
  return Message::Unexpected;
}

TEST(Files, S13_KeysAreWrittenWithTheirFinalModeWhateverTheUmask) {
  const test::TemporaryFolder folder;
  const mode_t before = ::umask(0);
  write_file({folder / "key.pem", "secret", os::Privacy::Owner});
  ::umask(0777);
  write_file({folder / "cert.pem", "public", os::Privacy::Everyone});
  ::umask(before);
  EXPECT_EQ(mode_of(folder / "key.pem"), 0600U);
  EXPECT_EQ(mode_of(folder / "cert.pem"), 0644U);
  EXPECT_EQ(entries(folder.path()), 2U);
}

TEST(Files, AReplacedFileKeepsNothingOfTheOld) {
  const test::TemporaryFolder folder;
  write_file({folder / "a", "a long text"});
  write_file({folder / "a", "b", os::Privacy::Owner});
  EXPECT_EQ(read_file(folder / "a"), "b");
  EXPECT_EQ(mode_of(folder / "a"), 0600U);
}

TEST(Files, AFailedWriteChangesNothing) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder / "target");
  EXPECT_EQ(refusal([&] { write_file({folder / "target", "x"}); }), Message::FileUnwritable);
  const std::array<NewFile, 2> pair = {NewFile{folder / "one", "1"},
                                       NewFile{folder / "target", "2"}};
  EXPECT_EQ(refusal([&] { write_files_together(pair); }), Message::FileUnwritable);
  EXPECT_FALSE(fs::exists(folder / "one"));
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(Files, ReadingIsBoundedAndSaysWhatIsMissing) {
  const test::TemporaryFolder folder;
  write_file({folder / "a", "12345"});
  EXPECT_EQ(read_file(folder / "a", 5), "12345");
  EXPECT_EQ(refusal([&] { read_file(folder / "a", 4); }), Message::FileTooLarge);
  EXPECT_EQ(refusal([&] { read_file(folder / "b"); }), Message::FileNotFound);
  EXPECT_EQ(refusal([&] { read_file(folder.path()); }), Message::FileUnreadable);
  EXPECT_EQ(refusal([&] { read_file("/dev/zero", 100); }), Message::FileTooLarge);
  EXPECT_FALSE(find_file(folder / "b"));
}

// A child is killed at ever later system calls of the group write; afterwards the pair is old or new.
TEST(Files, AKeyAndItsCertificateChangeTogetherWhateverHappens) {
  const test::TemporaryFolder folder;
  write_file({folder / "cert", "old"});
  write_file({folder / "key", "old", os::Privacy::Owner});
  // The state a crash leaves after the marker, in the middle of the renames.
  write_file({folder / ".key.ipm-new", "new", os::Privacy::Owner});
  write_file({folder / "cert", "new"});
  write_file({folder / ".ipm-commit", "cert\nkey\n", os::Privacy::Owner});
  finish_interrupted(folder.path());
  EXPECT_EQ(read_file(folder / "key"), "new");
  EXPECT_EQ(read_file(folder / "cert"), "new");
  EXPECT_EQ(entries(folder.path()), 2U);
  // Before the marker, the old pair stands, and the next write clears what lies aside.
  write_file({folder / ".key.ipm-new", "half"});
  finish_interrupted(folder.path());
  EXPECT_EQ(read_file(folder / "key"), "new");
  const std::array<NewFile, 2> pair = {NewFile{folder / "cert", "newer"},
                                       NewFile{folder / "key", "newer", os::Privacy::Owner}};
  write_files_together(pair);
  EXPECT_EQ(read_file(folder / "key"), "newer");
  EXPECT_EQ(entries(folder.path()), 2U);
}

TEST(Files, AMarkerCannotReachOutsideItsFolder) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder / "inner");
  write_file({folder / "victim", "kept"});
  write_file({folder / ".victim.ipm-new", "evil"});
  write_file({folder / "inner/.ipm-commit", "../victim\n"});
  finish_interrupted(folder / "inner");
  EXPECT_EQ(read_file(folder / "victim"), "kept");
}

TEST(Files, S13_ToldWhoElseCanReadAKey) {
  const test::TemporaryFolder folder;
  write_file({folder / "key", "x", os::Privacy::Owner});
  EXPECT_EQ(exposed_to(folder / "key"), "");
  ASSERT_EQ(::chmod((folder / "key").c_str(), 0640), 0);
  EXPECT_EQ(exposed_to(folder / "key"), "group");
  ASSERT_EQ(::chmod((folder / "key").c_str(), 0644), 0);
  EXPECT_EQ(exposed_to(folder / "key"), "others");
}

}  // namespace
}  // namespace ipm
