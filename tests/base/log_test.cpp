#include "base/log.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/text.h"
#include "temporary_folder.h"

namespace ipm {
namespace {

TEST(Log, S14_ALineCarriesTimeSeverityNumberAndText) {
  const test::TemporaryFolder folder;
  const auto file = folder / "log/error.log";
  {
    const Log log({file, false, [] { return *parse_rfc3339("2029-04-21T08:00:00Z"); }});
    log.write(Message::CertificateExpires, "The text");
    log.write(Message::Notice, "two\nlines");
  }
  EXPECT_EQ(read_file(file),
            "2029-04-21T08:00:00Z warning 5010-907 The text\n"
            "2029-04-21T08:00:00Z info IMP-7012 two\\x0alines\n");
}

TEST(Log, WhatIsEscapedAlreadyIsNotEscapedTwice) {
  const test::TemporaryFolder folder;
  const auto file = folder / "error.log";
  {
    const Log log({file, false, [] { return *parse_rfc3339("2029-04-21T08:00:00Z"); }});
    log.write(Message::Notice, "job \"" + printable("a\nb\\c") + "\" at C:\\\x1b\\");
    log.write(Message::Notice, std::string(5'000, '\\'));
  }
  const std::string written = read_file(file);
  EXPECT_TRUE(written.starts_with(
      "2029-04-21T08:00:00Z info IMP-7012 job \"a\\x0ab\\\\c\" at C:\\\\x1b\\\n"))
      << written;
  EXPECT_LT(written.size(), 4'300U) << "no line is longer than its bound";
}

TEST(Log, IsOpenedAnewAfterARotation) {
  const test::TemporaryFolder folder;
  const auto file = folder / "error.log";
  Log log({file, false, system_clock()});
  log.write(Message::Notice, "first");
  std::filesystem::rename(file, folder / "error.log.1");
  log.reopen();
  log.write(Message::Notice, "second");
  EXPECT_EQ(read_file(file).find("first"), std::string::npos);
  EXPECT_NE(read_file(file).find("second"), std::string::npos);
}

TEST(Log, SaysWhereItCannotWrite) {
  EXPECT_THROW(Log({"/proc/nowhere/error.log", false, system_clock()}), Error);
}

}  // namespace
}  // namespace ipm
