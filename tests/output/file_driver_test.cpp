#include "output/file/file_driver.h"

#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "delivery_fixture.h"
#include "temporary_folder.h"

namespace ipm::output::test {
namespace {

namespace fs = std::filesystem;

class FileDriver : public Deliveries {
 protected:
  Result deliver(const Assignment& job) {
    return run(
        *make_file_driver(parse_uri("file://" + folder_.path().string() + "/"), {}, environment()),
        job);
  }
  std::ptrdiff_t entries() const {
    return std::distance(fs::directory_iterator(folder_.path()), {});
  }
  ipm::test::TemporaryFolder folder_;
};

TEST_F(FileDriver, FilesArriveWholeUnderHarmlessNames) {
  const auto result =
      deliver(assignment({document("one"), document("two", 2, "../../etc/passwd")}, 2));
  EXPECT_EQ(result.outcome, Outcome::Delivered);
  EXPECT_EQ(read_file(folder_ / "job-12-1-page.pdf"), "one");
  EXPECT_EQ(read_file(folder_ / "job-12-1-copy2-page.pdf"), "one");
  EXPECT_EQ(read_file(folder_ / "job-12-2-passwd.pdf"), "two");
  EXPECT_EQ(entries(), 4);
}

TEST_F(FileDriver, ADocumentThatIsShorterThanAcknowledgedIsNeverDelivered) {
  Document damaged = document("short");
  damaged.bytes = 6;
  EXPECT_EQ(deliver(assignment({damaged})).outcome, Outcome::JobRefused);
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(FileDriver, PartsOfAKilledServerAreRemovedAndThoseBeingWrittenStay) {
  for (const auto* name : {".ipm-0011.part", ".ipm-notes", "report.part"}) {
    std::ofstream(folder_ / name) << "left";
  }
  // Another driver of the same folder begins, and sweeps, while this one writes.
  auto job = assignment({document("one")});
  job.documents[0].open = [&]() -> std::unique_ptr<Source> {
    EXPECT_FALSE(fs::exists(folder_ / ".ipm-0011.part"));
    auto other = assignment({document("two")});
    other.job_id = 13;
    boost::asio::io_context context;
    boost::asio::thread_pool pool(1);
    DevicePool devices;
    const Environment environment{pool.get_executor(), {}, &net::system_network(), &devices};
    const auto driver =
        make_file_driver(parse_uri("file://" + folder_.path().string() + "/"), {}, environment);
    Cancellation none;
    const Progress nobody;
    auto done = boost::asio::co_spawn(context, driver->deliver(other, none, nobody),
                                      boost::asio::use_future);
    context.run();
    EXPECT_EQ(done.get().outcome, Outcome::Delivered);
    return std::make_unique<TextSource>("one");
  };
  EXPECT_EQ(deliver(job).outcome, Outcome::Delivered);
  EXPECT_EQ(read_file(folder_ / "job-12-1-page.pdf"), "one");
  EXPECT_EQ(read_file(folder_ / "job-13-1-page.pdf"), "two");
  EXPECT_EQ(entries(), 4) << "both documents and what is not ours";
}

TEST_F(FileDriver, AFolderThatHasGoneIsAwayAndNotTheJobsFault) {
  fs::create_directory(folder_ / "gone");
  const auto driver =
      make_file_driver(parse_uri("file://" + (folder_ / "gone").string() + "/"), {}, environment());
  fs::remove(folder_ / "gone");
  EXPECT_EQ(run(*driver, assignment({document("x")})).outcome, Outcome::DeviceAway);
}

TEST_F(FileDriver, ANameTakenByAFolderIsTheJobsFaultAndNobodyElses) {
  fs::create_directories(folder_ / "job-12-1-page.pdf" / "full");
  const auto result = deliver(assignment({document("x")}));
  EXPECT_EQ(result.outcome, Outcome::JobFailed) << result.text;
  EXPECT_EQ(entries(), 1);
  auto next = assignment({document("x")});
  next.job_id = 13;
  EXPECT_EQ(deliver(next).outcome, Outcome::Delivered);
}

// What somebody else put there beforehand is neither written to nor given our bytes.
TEST_F(FileDriver, WhatLiesUnderOurNamesIsNotWrittenInto) {
  const auto elsewhere = folder_ / "elsewhere";
  write_file({elsewhere, "mine"});
  fs::create_symlink(elsewhere, folder_ / "job-12-1-page.pdf");
  fs::create_symlink(elsewhere, folder_ / ".job-12-1-page.pdf.part");
  EXPECT_EQ(deliver(assignment({document("secret")})).outcome, Outcome::Delivered);
  EXPECT_EQ(read_file(elsewhere), "mine");
  EXPECT_FALSE(fs::is_symlink(folder_ / "job-12-1-page.pdf"));
  EXPECT_EQ(read_file(folder_ / "job-12-1-page.pdf"), "secret");
}

TEST_F(FileDriver, AnotherTryReplacesTheSameFile) {
  EXPECT_EQ(deliver(assignment({document("one")})).outcome, Outcome::Delivered);
  EXPECT_EQ(deliver(assignment({document("one")})).outcome, Outcome::Delivered);
  EXPECT_EQ(entries(), 1);
}

TEST_F(FileDriver, ACancelBetweenTwoPiecesLeavesNothing) {
  // The first piece asks for the end; the source never runs dry by itself.
  class Endless final : public Source {
   public:
    explicit Endless(Cancellation& cancellation) : cancellation_(cancellation) {}
    std::size_t read(std::span<unsigned char> into) override {
      cancellation_.cancel();
      into[0] = 'x';
      return 1;
    }

   private:
    Cancellation& cancellation_;
  };
  Document endless = document("x");
  endless.bytes = 1'000'000'000;
  endless.open = [this] { return std::make_unique<Endless>(cancellation_); };
  EXPECT_EQ(deliver(assignment({endless})).outcome, Outcome::Canceled);
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(FileDriver, WhatIsWrittenWhenAStopComesCountsAsDelivered) {
  progress_.sent = [this](std::uint64_t) { cancellation_.stop(); };
  EXPECT_EQ(deliver(assignment({document("x")})).outcome, Outcome::Delivered);
}

TEST_F(FileDriver, DescribesWhatIsDeclaredAndInventsNothing) {
  const auto describe = [&](const DeviceSettings& settings) {
    const auto driver = make_file_driver(parse_uri("file://" + folder_.path().string() + "/"),
                                         settings, environment());
    boost::asio::io_context context;
    auto done =
        boost::asio::co_spawn(context, driver->describe(cancellation_), boost::asio::use_future);
    context.run();
    return done.get();
  };
  EXPECT_FALSE(describe({}));
  DeviceSettings settings;
  settings.declared.add_boolean("color-supported", true);
  ASSERT_TRUE(describe(settings));
  EXPECT_EQ(describe(settings)->capabilities, settings.declared);
}

}  // namespace
}  // namespace ipm::output::test
