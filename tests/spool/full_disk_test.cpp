// A full disk: what does not fit is refused and leaves nothing, what was acknowledged stays, and
// the spool goes on by itself when there is room again.

#include "file_size_limit.h"
#include "small_disk.h"
#include "spool/engine.h"
#include "spool/sqlite/engine.h"
#include "spool_fixture.h"
#include "wait_until.h"

namespace ipm::spool::test {
namespace {

using ipm::test::FileSizeLimit;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FullDiskTest : public SpoolTest {};

TEST_F(FullDiskTest, ALargeDocumentThatDoesNotFitLeavesNoFile) {
  const auto spool = open();
  {
    const FileSizeLimit full(500'000);
    DocumentWriter writer = spool->new_document();
    const Error error = error_of([&] {
      for (int i = 0; i < 20; ++i) writer.append(std::string(100'000, 'a'));
      static_cast<void>(writer.finish());
    });
    EXPECT_EQ(error.message(), Message::SpoolWriteFailed);
    EXPECT_THAT(error.mend(), HasSubstr("df -h"));
    EXPECT_THAT(files(), IsEmpty());
  }
  const JobId id = submitted(*spool, 2'000'000);
  EXPECT_TRUE(find_body(*spool, id));
}

TEST_F(FullDiskTest, JobsThatDoNotFitAreRefusedAndTheSpoolGoesOn) {
  auto spool = open();
  const JobId before = submitted(*spool, 10'000);
  std::vector<JobId> acknowledged = {before};
  std::optional<Error> refused;
  {
    const FileSizeLimit full(400'000);
    for (int i = 0; i < 100 && !refused; ++i) {
      const JobId id = spool->next_job_id();
      refused = submit(*spool, job_of(id), one(document_of(*spool, id, 1, 20'000)));
      if (!refused) acknowledged.push_back(id);
    }
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->message(), Message::SpoolWriteFailed);
    EXPECT_TRUE(find_body(*spool, before)) << "reading goes on";
  }
  for (int i = 0; i < 50; ++i) acknowledged.push_back(submitted(*spool, 20'000));
  EXPECT_THAT(logged(), HasSubstr("IMP-5002"));
  EXPECT_THAT(logged(), HasSubstr("can write again"));
  const auto state = reopened(spool);
  ASSERT_THAT(state.jobs, SizeIs(acknowledged.size())) << "and no job that was refused";
  EXPECT_THAT(state.damaged, IsEmpty());
  for (std::size_t i = 0; i < acknowledged.size(); ++i) {
    const JobId id = acknowledged[i];
    EXPECT_EQ(state.jobs[i].job.id, id);
    EXPECT_TRUE(find_body(*spool, id) == body_of(id, 1, id == before ? 10'000 : 20'000)) << id;
  }
}

TEST_F(FullDiskTest, TheDatabasesOwnLimitActsLikeADiskAndFreesWithItsJobs) {
  options_.limits.database_bytes_max = 2'000'000;
  auto spool = open();
  std::vector<JobId> acknowledged;
  std::optional<Error> refused;
  while (!refused && acknowledged.size() < 100) {
    const JobId id = spool->next_job_id();
    auto documents = one(document_of(*spool, id, 1, 60'000));
    documents.push_back(document_of(*spool, id, 2, 100'000));
    refused = submit(*spool, job_of(id), std::move(documents));
    if (!refused) acknowledged.push_back(id);
  }
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->message(), Message::SpoolWriteFailed);
  EXPECT_GT(acknowledged.size(), 20U);
  spool->flush();
  EXPECT_THAT(files(), SizeIs(acknowledged.size())) << "the refused job's file is gone";
  // Delivered jobs make room for new ones, on a full disk too.
  for (const JobId id : acknowledged) EXPECT_FALSE(update(*spool, finished(id, kNow)));
  const std::size_t more = acknowledged.size() / 2;
  for (std::size_t i = 0; i < more; ++i) submitted(*spool, 60'000);
  const auto state = reopened(spool);
  EXPECT_THAT(state.jobs, SizeIs(more));
  EXPECT_THAT(history_of(*spool), SizeIs(acknowledged.size()));
  EXPECT_THAT(state.damaged, IsEmpty());
  EXPECT_EQ(state.orphans_removed, 0U);
}

TEST_F(FullDiskTest, AFullDiskFailsItsWholeGroupAndNobodyIsToldOtherwise) {
  auto spool = open();
  std::vector<std::future<void>> results;
  std::vector<JobId> ids;
  {
    const FileSizeLimit full(300'000);
    for (int i = 0; i < 100; ++i) {
      const JobId id = spool->next_job_id();
      ids.push_back(id);
      results.push_back(begin([&](Completion done) {
        spool->submit(job_of(id), one(document_of(*spool, id, 1, 20'000)), std::move(done));
      }));
    }
    spool->flush();
  }
  std::vector<JobId> acknowledged;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto failure = failure_of(std::move(results[i]));
    if (!failure) {
      acknowledged.push_back(ids[i]);
    } else {
      EXPECT_EQ(failure->message(), Message::SpoolWriteFailed);
    }
  }
  // The limit is each file's: what the log has handed over to the database makes room in the log.
  EXPECT_LE(acknowledged.size(), 30U) << "twice 300 kB hold no more";
  const auto state = reopened(spool);
  ASSERT_THAT(state.jobs, SizeIs(acknowledged.size()));
  for (std::size_t i = 0; i < acknowledged.size(); ++i) {
    EXPECT_EQ(state.jobs[i].job.id, acknowledged[i]);
  }
}

// A disk of which the spool keeps a part for itself.
class ReserveTest : public SpoolTest {
 protected:
  static constexpr std::uint64_t kDiskBytes = 16U << 20U;
  static constexpr std::uint64_t kReserveBytes = kDiskBytes / kReserveSharePerDisk;

  ReserveTest() {
    options_.limits.reserve_bytes = kDiskBytes;  // More than it may have.
    disk_.take(kDiskBytes / 2);
  }

  std::unique_ptr<Spool> open() {
    const sqlite::Places places{options_.database, options_.documents, disk_.durability()};
    return Spool::open(std::make_unique<sqlite::SqliteEngine>(places, options_.limits, log_),
                       options_, log_);
  }

  std::uint64_t reserve() const {
    std::error_code absent;
    const auto bytes = std::filesystem::file_size(folder_ / "state/spool.db.reserve", absent);
    return absent ? 0 : bytes;
  }

  // Takes jobs until the disk is full, and somebody else the rest of it.
  std::vector<JobId> fill(Spool& spool) {
    std::vector<JobId> taken;
    for (;;) {
      const JobId id = spool.next_job_id();
      if (submit(spool, job_of(id), one(document_of(spool, id, 1, 20'000)))) break;
      taken.push_back(id);
    }
    EXPECT_GT(taken.size(), 100U);
    disk_.take_all();
    return taken;
  }

  SmallDisk disk_{folder_ / "state", kDiskBytes};
};

TEST_F(ReserveTest, OnAFullDiskEveryJobCanEndAndNothingNewTakesTheRoomForThat) {
  auto spool = open();
  EXPECT_EQ(reserve(), kReserveBytes) << "at most a sixteenth";
  const auto taken = fill(*spool);
  const std::size_t half = taken.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    ASSERT_FALSE(update(*spool, finished(taken[i], kNow, i % 2 == 0))) << i;
    disk_.take_all();  // Whatever became free is gone at once.
  }
  EXPECT_EQ(reserve(), 0U);
  EXPECT_THAT(logged(), HasSubstr("IMP-5007"));
  for (std::size_t i = half; i < taken.size(); ++i) {
    ASSERT_FALSE(update(*spool, finished(taken[i], kNow))) << i;
  }
  // The database has room of its own now: what is small goes into that.
  submitted(*spool, 20'000);
  EXPECT_EQ(error_of([&] { document_of(*spool, 1, 1, 200'000); }).message(), Message::SpoolFull);
  disk_.give_back();
  ipm::test::wait_until([&] { return reserve() == kReserveBytes; });
  ipm::test::wait_until([&] { return logged().find("There is room") != std::string::npos; });
  submitted(*spool, 200'000);
  spool.reset();
  spool = open();
  EXPECT_THAT(spool->load().jobs, SizeIs(2));
  EXPECT_THAT(history_of(*spool), SizeIs(taken.size()));
}

TEST_F(ReserveTest, NewDocumentsAreRefusedWhileItIsGivenUpAlsoThoseUnderWay) {
  auto spool = open();
  DocumentWriter under_way = spool->new_document();
  under_way.append(std::string(300'000, 'a'));
  const auto taken = fill(*spool);
  for (std::size_t i = 0; reserve() != 0; ++i) {
    ASSERT_FALSE(update(*spool, finished(taken.at(i), kNow, false)));
  }
  const JobId id = spool->next_job_id();
  const auto refused = submit(*spool, job_of(id), one(document_of(*spool, id, 1, 100)));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->message(), Message::SpoolFull);
  EXPECT_THAT(refused->mend(), HasSubstr("df -h"));
  EXPECT_EQ(error_of([&] { under_way.append(std::string(300'000, 'a')); }).message(),
            Message::SpoolFull);
}

TEST_F(ReserveTest, AStartOnAFullDiskGivesItUpAndJobsCanEnd) {
  auto spool = open();
  std::vector<JobId> taken;
  for (int i = 0; i < 100; ++i) taken.push_back(submitted(*spool, 20'000));
  spool.reset();
  disk_.take_all();
  EXPECT_EQ(reserve(), kReserveBytes);
  spool = open();
  EXPECT_EQ(reserve(), 0U);
  EXPECT_THAT(logged(), HasSubstr("IMP-5007"));
  EXPECT_THAT(spool->load().jobs, SizeIs(taken.size()));
  for (const JobId id : taken) {
    const auto failure = update(*spool, finished(id, kNow));
    ASSERT_FALSE(failure) << failure->happened();
  }
}

TEST_F(ReserveTest, ADiskWithoutRoomForItTakesNoNewWorkUntilThereIs) {
  disk_.take(disk_.free_bytes() - kReserveBytes);
  const auto spool = open();
  const JobId id = spool->next_job_id();
  const auto refused = submit(*spool, job_of(id), one(document_of(*spool, id, 1, 100)));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->message(), Message::SpoolFull);
  disk_.give_back();
  submitted(*spool, 100);
  EXPECT_EQ(reserve(), kReserveBytes);
}

TEST_F(FullDiskTest, WhereFilesMayNotBeSoLargeThereIsNoReserveAndAllGoesOn) {
  const FileSizeLimit small(options_.limits.reserve_bytes / 2);
  const auto spool = open();
  submitted(*spool, 20'000);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "state/spool.db.reserve"));
}

TEST_F(FullDiskTest, TheReserveIsAsLargeAsIsSetAndGoesWhenNoneIsWanted) {
  const auto file = folder_ / "state/spool.db.reserve";
  open();
  EXPECT_EQ(std::filesystem::file_size(file), options_.limits.reserve_bytes);
  options_.limits.reserve_bytes /= 2;
  open();
  EXPECT_EQ(std::filesystem::file_size(file), options_.limits.reserve_bytes);
  options_.limits.reserve_bytes = 0;
  submitted(*open(), 1'000);
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace ipm::spool::test
