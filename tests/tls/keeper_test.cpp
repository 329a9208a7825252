// Taking up new files without a restart (S6), and saying in time what will end (S14).
#include "tls/keeper.h"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "base/log.h"
#include "support.h"

namespace ipm::tls::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct KeeperTest : testing::Test {
  TemporaryFolder folder;
  TimePoint now = noon();
  GenerationSources sources;
  Log log{{.file = folder / "error.log", .clock = fixed_clock()}};

  KeeperTest() {
    sources.listen = IdentityFiles{folder / "server-cert.pem", folder / "server-key.pem"};
    sources.dial = sources.listen;
    sources.anchors = folder / "ca-cert.pem";
    sources.crl = folder / "crl.pem";
    sources.policy.mutual = true;
    put("ca-cert.pem", text_of("ca-cert.pem"));
    install("server");
  }

  void put(const std::string& name, const std::string& text) {
    const bool is_key = name.find("key") != std::string::npos;
    write_file({folder / name, text, is_key ? os::Privacy::Owner : os::Privacy::Everyone});
  }
  void install(const std::string& stem) {
    put("server-cert.pem", text_of(stem + "-cert.pem"));
    put("server-key.pem", text_of(stem + "-key.pem"));
  }
  std::unique_ptr<Keeper> keep() {
    return std::make_unique<Keeper>(sources, [this] { return now; }, log);
  }
  std::string lines() { return read_file(folder / "error.log"); }
  std::size_t count(const std::string& what) {
    const auto text = lines();
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }
};

TEST_F(KeeperTest, S6_ABadSetAtTheStartThrows) {
  install("server-expired");
  EXPECT_THROW(keep(), Error);
}

TEST_F(KeeperTest, NothingChangesWhereNothingHasChanged) {
  const auto keeper = keep();
  const auto first = keeper->current();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(keeper->poll());
  EXPECT_EQ(keeper->current(), first);
  EXPECT_EQ(lines(), "");
}

TEST_F(KeeperTest, S6_ANewSetIsTakenUpWithinTwoLooks) {
  const auto keeper = keep();
  const auto first = keeper->current();
  install("server-rsa");
  EXPECT_FALSE(keeper->poll()) << "it may still be being written";
  EXPECT_TRUE(keeper->poll());
  EXPECT_NE(keeper->current(), first);
  EXPECT_EQ(keeper->current()->number(), 2U);
  EXPECT_EQ(count("IMP-3012"), 1U);
  EXPECT_FALSE(keeper->poll());
}

TEST_F(KeeperTest, S6_AHalfWrittenPairKeepsTheOldSetAndIsReportedOnce) {
  const auto keeper = keep();
  const auto first = keeper->current();
  put("server-cert.pem", text_of("server-rsa-cert.pem"));  // its key is still to come
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(keeper->poll());
  EXPECT_EQ(keeper->current(), first);
  EXPECT_EQ(count("IMP-3011"), 1U) << lines();
  EXPECT_THAT(lines(), HasSubstr("does not belong"));
  put("server-key.pem", text_of("server-rsa-key.pem"));
  keeper->poll();
  EXPECT_TRUE(keeper->poll());
  EXPECT_EQ(count("IMP-3011"), 1U);
}

TEST_F(KeeperTest, S6_AFileCutShortKeepsTheOldSet) {
  const auto keeper = keep();
  const auto whole = text_of("server-cert.pem");
  put("server-cert.pem", whole.substr(0, whole.size() / 2));
  keeper->poll();
  EXPECT_FALSE(keeper->poll());
  EXPECT_EQ(keeper->current()->number(), 1U);
  EXPECT_EQ(count("IMP-3011"), 1U);
}

TEST_F(KeeperTest, S6_AFileThatIsGoneKeepsTheOldSet) {
  const auto keeper = keep();
  fs::remove(folder / "server-key.pem");
  keeper->poll();
  EXPECT_FALSE(keeper->poll());
  EXPECT_EQ(keeper->current()->number(), 1U);
  EXPECT_THAT(lines(), HasSubstr("server-key.pem"));
}

TEST_F(KeeperTest, S6_NewAnchorsAndListsAreTakenUpToo) {
  const auto keeper = keep();
  put("crl.pem", text_of("crl-client.pem"));
  keeper->poll();
  EXPECT_TRUE(keeper->poll());
  put("ca-cert.pem", text_of("ca-cert.pem") + text_of("other-ca-cert.pem"));
  keeper->poll();
  EXPECT_TRUE(keeper->poll());
  EXPECT_EQ(keeper->current()->number(), 3U);
}

TEST_F(KeeperTest, S6_QuietlyTellsOfLaterLoadsAlone) {
  ::chmod((folder / "server-key.pem").c_str(), 0644);
  Keeper keeper(sources, [this] { return now; }, log, Keeper::Quietly{});
  EXPECT_EQ(lines(), "");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(keeper.poll());
  EXPECT_EQ(lines(), "");
  put("ca-cert.pem", text_of("ca-cert.pem") + text_of("other-ca-cert.pem"));
  keeper.poll();
  EXPECT_TRUE(keeper.poll());
  EXPECT_EQ(keeper.current()->number(), 2U);
  put("ca-cert.pem", "nothing");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(keeper.poll());
  EXPECT_EQ(keeper.current()->number(), 2U);
  EXPECT_EQ(count("IMP-3011"), 1U);
}

TEST_F(KeeperTest, S6_AFileThatIsTouchedAgainAndAgainDoesNotDelayASetBeyondTwoSeconds) {
  const auto keeper = keep();
  install("server-rsa");
  int looks = 0;
  bool taken = false;
  while (!taken && looks < 10) {
    put("ca-cert.pem", text_of("ca-cert.pem"));  // another inode each time
    taken = keeper->poll();
    ++looks;
  }
  EXPECT_TRUE(taken);
  EXPECT_LE(looks, 4) << "half a second apart";
}

TEST_F(KeeperTest, S6_ABadSetThatGoesOnChangingIsReportedOnce) {
  const auto keeper = keep();
  put("server-cert.pem", text_of("server-rsa-cert.pem"));
  for (int i = 0; i < 12; ++i) {
    put("ca-cert.pem", text_of("ca-cert.pem"));
    EXPECT_FALSE(keeper->poll());
  }
  EXPECT_EQ(count("IMP-3011"), 1U) << lines();
}

TEST_F(KeeperTest, S6_TheSameBytesRewrittenInPlaceAreSeen) {
  const auto keeper = keep();
  const auto text = text_of("server-cert.pem");
  {
    std::ofstream out(folder / "server-cert.pem");  // same inode, same size
    out << text;
  }
  keeper->poll();
  EXPECT_TRUE(keeper->poll());
}

TEST_F(KeeperTest, ReloadTellsTheCallerWhatIsWrong) {
  const auto keeper = keep();
  install("server-only");
  EXPECT_THROW(keeper->reload(), Error);
  EXPECT_EQ(keeper->current()->number(), 1U);
  EXPECT_THAT(lines(), HasSubstr("S9: found"));
  EXPECT_FALSE(keeper->poll());
  EXPECT_EQ(count("IMP-3011"), 1U) << "the same failing set is not reported again";
  install("server");
  keeper->reload();
  EXPECT_EQ(keeper->current()->number(), 2U);
  EXPECT_FALSE(keeper->poll()) << "it is taken up already";
}

TEST_F(KeeperTest, S6_OtherSourcesAreTriedAsideAndTheirFilesWatched) {
  const auto keeper = keep();
  put("second-cert.pem", text_of("server-rsa-cert.pem"));
  put("second-key.pem", text_of("server-rsa-key.pem"));
  auto wanted = sources;
  wanted.listen = wanted.dial =
      IdentityFiles{folder / "second-cert.pem", folder / "second-key.pem"};
  wanted.policy.warn_days = 5;
  keeper->change(wanted);
  EXPECT_EQ(keeper->current()->number(), 2U);
  EXPECT_EQ(keeper->current()->policy().warn_days, 5);
  EXPECT_FALSE(keeper->poll());
  put("second-cert.pem", text_of("server-cert.pem"));
  put("second-key.pem", text_of("server-key.pem"));
  keeper->poll();
  EXPECT_TRUE(keeper->poll());
}

TEST_F(KeeperTest, S6_OtherSourcesThatDoNotLoadChangeNothing) {
  const auto keeper = keep();
  auto wanted = sources;
  wanted.listen->certificate = folder / "not-there.pem";
  wanted.policy.mutual = false;
  EXPECT_THROW(keeper->change(wanted), Error);
  EXPECT_EQ(keeper->current()->number(), 1U);
  EXPECT_FALSE(keeper->poll()) << "nothing has changed of what is in force";
  install("server-rsa");
  keeper->poll();
  EXPECT_TRUE(keeper->poll()) << "the old files are watched";
  EXPECT_TRUE(keeper->current()->policy().mutual);
}

TEST_F(KeeperTest, S13_AnExposedKeyIsReportedAtEachLoad) {
  ::chmod((folder / "server-key.pem").c_str(), 0644);
  const auto keeper = keep();
  EXPECT_EQ(count("IMP-1003"), 1U);
  keeper->reload();
  EXPECT_EQ(count("IMP-1003"), 2U);
}

TEST_F(KeeperTest, ConnectionsKeepTheGenerationTheyBeganWith) {
  const auto keeper = keep();
  const std::weak_ptr<const Generation> first = keeper->current();
  const auto held = keeper->current();
  keeper->reload();
  EXPECT_FALSE(first.expired());
  EXPECT_NE(held, keeper->current());
}

TEST_F(KeeperTest, OldGenerationsGoWhenNobodyHoldsThem) {
  const auto keeper = keep();
  const std::weak_ptr<const Generation> first = keeper->current();
  keeper->reload();
  EXPECT_TRUE(first.expired());
}

TEST_F(KeeperTest, ReadersNeverWaitForAReload) {
  const auto keeper = keep();
  std::atomic<bool> stop = false;
  std::atomic<int> seen = 0;
  std::thread reader([&] {
    while (!stop) {
      if (keeper->current()->listen_context() != nullptr) ++seen;
    }
  });
  for (int i = 0; i < 10; ++i) keeper->reload();
  stop = true;
  reader.join();
  EXPECT_GT(seen, 0);
}

// --- S14
// --------------------------------------------------------------------------------------------

constexpr const char* kLine =
    "warning 5010-907 The SSL/TLS certificate for InfoPrint Manager expires on "
    "May 21 10:33:41 2029 GMT\n";

struct ExpiryTest : KeeperTest {
  ExpiryTest() { install("server-2029"); }
  TimePoint end = *parse_rfc3339("2029-05-21T10:33:41Z");
};

TEST_F(ExpiryTest, S14_ExactlyThirtyOneDaysAreNotFewerThanThirtyOne) {
  now = end - std::chrono::days(31);
  const auto keeper = keep();
  EXPECT_EQ(lines(), "");
}

TEST_F(ExpiryTest, S14_OneSecondLessIsWarnedOfToTheLetter) {
  now = end - std::chrono::days(31) + std::chrono::seconds(1);
  const auto keeper = keep();
  EXPECT_THAT(lines(), HasSubstr(kLine));
  EXPECT_EQ(count("5010-907"), 1U);
}

TEST_F(ExpiryTest, S14_OnceADayAndAtReloads) {
  now = end - std::chrono::days(10);
  const auto keeper = keep();
  EXPECT_EQ(count("5010-907"), 1U);
  now += std::chrono::hours(23);
  keeper->poll();
  EXPECT_EQ(count("5010-907"), 1U);
  now += std::chrono::hours(1);
  keeper->poll();
  keeper->poll();
  EXPECT_EQ(count("5010-907"), 2U);
  keeper->reload();
  EXPECT_EQ(count("5010-907"), 3U);
}

TEST_F(ExpiryTest, S14_BeginsWhileTheServerRuns) {
  now = end - std::chrono::days(31);
  const auto keeper = keep();
  now += std::chrono::seconds(1);
  keeper->poll();
  EXPECT_EQ(count("5010-907"), 1U);
}

TEST_F(ExpiryTest, S14_WarnDaysChangesIt) {
  sources.policy.warn_days = 3;
  now = end - std::chrono::days(10);
  const auto keeper = keep();
  EXPECT_EQ(lines(), "");
  now = end - std::chrono::days(2);
  keeper->poll();
  EXPECT_EQ(count("5010-907"), 1U);
}

TEST_F(ExpiryTest, S14_StopsWithARenewedCertificate) {
  now = end - std::chrono::days(10);
  const auto keeper = keep();
  install("server");
  keeper->poll();
  EXPECT_TRUE(keeper->poll());
  now += std::chrono::hours(48);
  keeper->poll();
  EXPECT_EQ(count("5010-907"), 1U);
}

TEST_F(ExpiryTest, ACertificateThatRunsOutIsWarnedOfToTheEnd) {
  now = end - std::chrono::days(1);
  const auto keeper = keep();
  now = end + std::chrono::days(1);
  keeper->poll();
  EXPECT_EQ(count("5010-907"), 2U);
  EXPECT_THROW(keeper->reload(), Error) << "it is not taken up again";
}

TEST_F(ExpiryTest, AnotherCertificateToDialWithHasItsOwnMessage) {
  sources.dial = identity("client-2029");
  now = *parse_rfc3339("2029-05-15T00:00:00Z");
  const auto keeper = keep();
  EXPECT_EQ(count("5010-907"), 1U);
  EXPECT_THAT(lines(), HasSubstr("IMP-3014 the certificate to dial with, "
                                 "CN = ipmclient.example.com, expires on Jun  1 00:00:00 2029"));
}

TEST_F(KeeperTest, ARevocationListThatEndsSoonOrHasEndedIsSaid) {
  put("crl.pem", text_of("crl-ending.pem"));  // until 2029-01-02
  const auto keeper = keep();
  EXPECT_EQ(count("IMP-2015"), 1U) << lines();
  now = *parse_rfc3339("2029-01-02T00:00:01Z");
  keeper->poll();
  EXPECT_EQ(count("IMP-2014"), 1U) << "at once, not at the next daily warning";
  keeper->poll();
  EXPECT_EQ(count("IMP-2014"), 1U);
}

TEST_F(KeeperTest, AFreshRevocationListIsNotSpokenOf) {
  put("crl.pem", text_of("crl-empty.pem"));
  const auto keeper = keep();
  EXPECT_EQ(lines(), "");
}

}  // namespace
}  // namespace ipm::tls::test
