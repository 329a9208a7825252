#include "print/manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "file_size_limit.h"
#include "floor.h"
#include "print/manager/job_walk.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

using ipp::JobState;
using output::Outcome;
using test::Answer;
using test::Floor;
using test::wait_until;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::size_t kFull = 4096;  // less than the database's log has by then

Answer hanging() {
  Answer answer;
  answer.hang = true;
  return answer;
}

Answer saying(Outcome outcome, std::string text = "so it is") {
  Answer answer;
  answer.outcome = outcome;
  answer.text = std::move(text);
  return answer;
}

TEST(Manager, B1_JobsArePrintedAndKeptInTheHistory) {
  Floor floor;
  floor.add("office");
  const int id = floor.print("office", "to be printed");
  const Job job = floor.wait_for(id, JobState::Completed);
  EXPECT_EQ(floor.device("office").asked().front().content, "to be printed");
  EXPECT_EQ(job.delivered_to, "office");
  EXPECT_EQ(job.message, "done");
  EXPECT_EQ(floor.refused(floor.manager().cancel(id, "late"))->message(), Message::JobNotPossible);
  EXPECT_EQ(floor.refused(floor.manager().cancel(id + 1, "no"))->message(), Message::JobNotFound);
}

TEST(Manager, B13_AJobThatOneDeviceRefusesDoesNotStopTheOthers) {
  Floor floor;
  floor.add("office");
  floor.await(floor.manager().pause("office", true));
  for (int at = 0; at < 2; ++at) floor.device("office").will(saying(Outcome::JobFailed, "no"));
  const int bad = floor.print("office");
  const int good = floor.print("office");
  floor.await(floor.manager().pause("office", false));
  floor.device("office").will(saying(Outcome::Delivered));
  wait_until([&] { return floor.device("office").count() >= 2; });
  EXPECT_THAT(floor.device("office").jobs(), ElementsAre(bad, good));
  EXPECT_EQ(floor.wait_for(bad, JobState::Pending).attempts, 1);
}

TEST(Manager, ADeliveryCostsOneCommitWhileJobsWait) {
  Floor floor;
  floor.add("office");
  floor.await(floor.manager().pause("office", true));
  constexpr std::uint64_t kJobs = 40;
  std::vector<int> ids;
  for (std::uint64_t at = 0; at < kJobs; ++at) ids.push_back(floor.print("office"));
  const auto before = floor.spool().counters().groups;
  floor.await(floor.manager().pause("office", false));
  floor.wait_for(ids.back(), JobState::Completed);
  EXPECT_EQ(floor.device("office").jobs(), ids);
  // Beside the deliveries: the resumption, and that the first is taken.
  EXPECT_LE(floor.spool().counters().groups - before, kJobs + 2);
}

// What a device gets is on the disk as being printed: after a crash it is said that it may be there.
TEST(Manager, B13_TheNextJobIsRecordedBeforeItsDeviceHasIt) {
  Floor floor;
  floor.add("raw", {}, "socket://raw.test");
  floor.await(floor.manager().pause("raw", true));
  const int first = floor.print("raw");
  const int second = floor.print("raw");
  floor.device("raw").will(saying(Outcome::Delivered));
  floor.device("raw").will(hanging());
  floor.await(floor.manager().pause("raw", false));
  wait_until([&] { return floor.device("raw").count() == 2; });
  floor.crash();
  EXPECT_EQ(floor.job(first).state, JobState::Completed);
  EXPECT_TRUE(floor.job(second).doubtful);
}

TEST(Manager, B13_TheErrorPolicyHoldsAJobAfterItsAttempts) {
  Floor floor;
  floor.add("office", {OnFailure::HoldJob, OnDoubt::Hold, 2});
  floor.device("office").will(saying(Outcome::JobFailed, "no"));
  floor.device("office").will(saying(Outcome::JobFailed, "no"));
  const int id = floor.print("office");
  wait_until([&] { return floor.job(id).attempts == 1; });
  wait_until([&] {
    floor.pass(std::chrono::seconds(10));
    return floor.job(id).state == JobState::PendingHeld;
  });
  wait_until([&] { return floor.logged().find("IMP-6007") != std::string::npos; });
  floor.await(floor.manager().change(id, job_event::Hold{"no-hold"}));
  floor.wait_for(id, JobState::Completed);
}

TEST(Manager, B13_TheErrorPolicyStopsThePrinterUntilItIsResumed) {
  Floor floor;
  floor.add("office", {OnFailure::StopPrinter, OnDoubt::Hold, 1});
  floor.device("office").will(saying(Outcome::JobFailed, "jammed"));
  const int id = floor.print("office");
  wait_until([&] { return floor.manager().find_printer("office")->paused; });
  const auto printer = floor.manager().find_printer("office");
  EXPECT_EQ(printer->state, ipp::PrinterState::Stopped);
  EXPECT_EQ(printer->message, "jammed");
  wait_until([&] { return floor.logged().find("office: jammed;") != std::string::npos; });
  EXPECT_THAT(floor.logged(),
              HasSubstr("office: jammed; when it can go on: ipm printer resume office"));
  floor.wait_for(id, JobState::Pending);
  EXPECT_THAT(floor.manager().reasons_of(floor.job(id)), Contains("printer-stopped"));
  floor.reopen();
  EXPECT_TRUE(floor.manager().find_printer("office")->paused);
  floor.await(floor.manager().pause("office", false));
  floor.wait_for(id, JobState::Completed);
}

TEST(Manager, B13_ADeviceThatIsAwayKeepsTheOrderAndIsTriedAgain) {
  Floor floor;
  floor.add("office");
  floor.device("office").will(saying(Outcome::DeviceAway, "no answer"));
  const int first = floor.print("office");
  wait_until([&] { return !floor.manager().find_printer("office")->reasons.empty(); });
  const int second = floor.print("office");
  EXPECT_THAT(floor.manager().find_printer("office")->reasons, ElementsAre("connecting-to-device"));
  EXPECT_THAT(floor.manager().reasons_of(floor.job(second)),
              ElementsAre("resources-are-not-ready"));
  EXPECT_THAT(floor.manager().message_of(floor.job(second)), HasSubstr("no answer; next try in"));
  EXPECT_EQ(floor.device("office").count(), 1U);
  floor.pass(std::chrono::seconds(2));
  floor.wait_for(second, JobState::Completed);
  EXPECT_THAT(floor.device("office").jobs(), ElementsAre(first, first, second));
  EXPECT_THAT(floor.manager().find_printer("office")->reasons, IsEmpty());
  wait_until([&] { return floor.logged().find("IMP-6001") != std::string::npos; });
}

TEST(Manager, ResumingEndsThePauseOfADeviceThatIsAway) {
  Floor floor;
  floor.add("office");
  floor.device("office").will(saying(Outcome::DeviceAway));
  const int id = floor.print("office");
  wait_until([&] { return !floor.manager().find_printer("office")->reasons.empty(); });
  floor.await(floor.manager().pause("office", true));
  EXPECT_THAT(floor.manager().find_printer("office")->reasons, Contains("paused"));
  floor.await(floor.manager().pause("office", false));
  floor.wait_for(id, JobState::Completed);
}

TEST(Manager, B13_ARefusedJobIsAbortedAndADoubtfulOneIsHeld) {
  Floor floor;
  floor.add("office");
  floor.device("office").will(saying(Outcome::JobRefused, "never"));
  floor.device("office").will(saying(Outcome::Doubtful, "broken off"));
  const int refused = floor.print("office");
  EXPECT_EQ(floor.wait_for(refused, JobState::Aborted).message, "never");
  const int doubtful = floor.print("office");
  const Job held = floor.wait_for(doubtful, JobState::PendingHeld);
  EXPECT_TRUE(held.doubtful);
  EXPECT_EQ(floor.device("office").count(), 2U) << "and is not sent again by itself";
  floor.wait_for(floor.print("office"), JobState::Completed);
  wait_until([&] { return floor.logged().find("IMP-6006") != std::string::npos; });
  EXPECT_THAT(floor.logged(), HasSubstr("IMP-6003"));
}

TEST(Manager, AJobThatIsNamedTwiceEndsOnce) {
  Floor floor;
  floor.add("office");
  floor.await(floor.manager().pause("office", true));
  const int first = floor.print("office");
  const int second = floor.print("office");
  const auto before = floor.manager().events().last();
  floor.await(floor.manager().cancel({second, first, second}, "canceled by alice"));
  EXPECT_EQ(floor.job(first).state, JobState::Canceled);
  EXPECT_EQ(floor.job(second).state, JobState::Canceled);
  EXPECT_EQ(floor.manager().events().last(), before + 2);
}

TEST(Manager, ACanceledJobEndsAtItsDeviceAndIsCanceled) {
  Floor floor;
  floor.add("office");
  floor.device("office").will(hanging());
  const int id = floor.print("office");
  wait_until([&] { return floor.device("office").count() == 1; });
  floor.await(floor.manager().cancel(id, "canceled by alice"));
  const Job job = floor.wait_for(id, JobState::Canceled);
  EXPECT_THAT(reasons_of(job), ElementsAre("job-canceled-by-user"));
  EXPECT_EQ(floor.device("office").cancels, 1);
  floor.wait_for(floor.print("office"), JobState::Completed);
}

TEST(Manager, CancelingManyJobsIsOneChangeAndStartsNoneOfThem) {
  Floor floor;
  floor.add("office");
  floor.device("office").will(hanging());
  const int printing = floor.print("office");
  wait_until([&] { return floor.device("office").count() == 1; });
  std::vector<int> ids = {printing};
  for (int at = 0; at < 50; ++at) ids.push_back(floor.print("office"));
  ids.push_back(999'999);  // gone meanwhile
  const auto before = floor.spool().counters().groups;
  floor.await(floor.manager().cancel(ids, "canceled"));
  EXPECT_LE(floor.spool().counters().groups - before, 2U);
  floor.wait_for(printing, JobState::Canceled);
  ids.pop_back();
  for (const int id : ids) EXPECT_EQ(floor.job(id).state, JobState::Canceled);
  EXPECT_EQ(floor.device("office").count(), 1U);
}

TEST(Manager, ADocumentUnderWayDoesNotTimeOutItsJob) {
  Floor floor;
  floor.add("office");
  const int id = floor.create("office");
  {
    const Arrival arrival = floor.manager().expect_document(id);
    floor.pass(kMultipleOperationTimeout * 3);
    floor.await(floor.manager().change(id, job_event::Edit{"still here", {}, {}, {}}));
    EXPECT_EQ(floor.job(id).state, JobState::PendingHeld);
  }
  floor.await(floor.manager().add_document(id, floor.document("one"), false));
  floor.pass(kMultipleOperationTimeout - std::chrono::seconds(1));
  EXPECT_TRUE(floor.job(id).incoming);
  floor.pass(std::chrono::seconds(2));
  floor.wait_for(id, JobState::Completed);
  EXPECT_EQ(floor.device("office").asked().front().content, "one");
  const int empty = floor.create("office");
  floor.pass(kMultipleOperationTimeout + std::chrono::seconds(1));
  floor.wait_for(empty, JobState::Aborted);
}

TEST(Manager, AJobWhoseClientVanishedIsPrintedAsFarAsItCameAsItsPrinterSays) {
  Floor floor;
  floor.add("office");
  const auto said = floor.manager().find_printer("office")->logical.supported;
  ASSERT_EQ(said->find_text("multiple-operation-time-out-action"), "process-job");
  const std::chrono::seconds wait{*said->find_integer("multiple-operation-time-out")};
  const int half = floor.create("office");
  const int empty = floor.create("office");
  const JobPtr added =
      floor.await(floor.manager().add_document(half, floor.document("first"), false));
  EXPECT_TRUE(added->incoming);
  {
    const Arrival broken_off = floor.manager().expect_document(half);
  }
  floor.pass(wait - std::chrono::seconds(1));
  EXPECT_EQ(floor.job(half).state, JobState::PendingHeld);
  floor.pass(std::chrono::seconds(2));
  floor.wait_for(half, JobState::Completed);
  EXPECT_EQ(floor.device("office").asked().front().content, "first");
  EXPECT_EQ(floor.wait_for(empty, JobState::Aborted).cause, Cause::NoDocument);
}

TEST(Manager, DocumentsThatArriveTogetherAreAllKept) {
  Floor floor;
  floor.add("office");
  const int id = floor.create("office");
  std::vector<std::future<JobPtr>> adding;
  asio::io_context context;
  for (int at = 0; at < 5; ++at) {
    adding.push_back(asio::co_spawn(
        context, floor.manager().add_document(id, floor.document("x"), false), asio::use_future));
  }
  context.run();
  for (auto& one : adding) one.get();
  EXPECT_EQ(floor.job(id).documents.size(), 5U);
  floor.await(floor.manager().add_document(id, std::nullopt, true));
  floor.wait_for(id, JobState::Completed);
  EXPECT_EQ(floor.device("office").asked().front().content, "xxxxx");
}

TEST(Manager, B3_ARefusedChangeLeavesNoTrace) {
  Floor floor;
  floor.add("office");
  floor.await(floor.manager().pause("office", true));
  const int waiting = floor.print("office");
  const int held = floor.print("office");
  floor.await(floor.manager().change(held, job_event::Hold{"indefinite"}));
  const int incoming = floor.create("office");
  const auto events = floor.manager().events().last();
  {
    const ipm::test::FileSizeLimit full(kFull);
    EXPECT_TRUE(floor.refused(floor.manager().pause("office", false)));
    EXPECT_TRUE(floor.refused(floor.manager().accept("office", false)));
    EXPECT_TRUE(floor.refused(floor.manager().cancel(waiting, "no")));
    EXPECT_TRUE(floor.refused(floor.manager().cancel({waiting, held}, "no")));
    EXPECT_TRUE(floor.refused(floor.manager().change(held, job_event::Hold{"no-hold"})));
    EXPECT_TRUE(
        floor.refused(floor.manager().add_document(incoming, floor.document("text"), true)));
    EXPECT_TRUE(floor.refused(floor.manager().remove_printer("office", {true, ""})));
    DestinationOrder ghost;
    ghost.name = "ghost";
    ghost.device_uri = "ipp://ghost.test/";
    EXPECT_TRUE(floor.refused(floor.manager().add_printer(ghost)));
    std::vector<spool::NewDocument> documents;
    documents.push_back(floor.document("text"));
    EXPECT_TRUE(floor.refused(floor.manager().submit(floor.draft("office"), std::move(documents))));
  }
  EXPECT_EQ(floor.manager().events().last(), events);
  const auto check = [&] {
    EXPECT_TRUE(floor.manager().find_printer("office")->paused);
    EXPECT_TRUE(floor.manager().find_printer("office")->logical.accepting);
    EXPECT_FALSE(floor.manager().find_printer("ghost"));
    EXPECT_EQ(floor.manager().default_printer(), "office");
    EXPECT_EQ(floor.job(waiting).state, JobState::Pending);
    EXPECT_EQ(floor.job(held).state, JobState::PendingHeld);
    EXPECT_TRUE(floor.job(incoming).incoming);
    EXPECT_THAT(floor.job(incoming).documents, IsEmpty());
    EXPECT_EQ(floor.manager().find_printer("office")->queued, 3U);
  };
  check();
  floor.reopen();
  check();
  floor.await(floor.manager().pause("office", false));
  floor.wait_for(waiting, JobState::Completed);
}

TEST(Manager, B13_WithAFullDiskNothingIsPrintedThatCouldNotBeRecorded) {
  Floor floor;
  floor.add("office");
  floor.device("office").will(saying(Outcome::DeviceAway));
  const int id = floor.print("office");
  wait_until([&] { return !floor.manager().find_printer("office")->reasons.empty(); });
  {
    const ipm::test::FileSizeLimit full(kFull);
    wait_until([&] {
      floor.pass(std::chrono::seconds(2));
      const auto reasons = floor.manager().find_printer("office")->reasons;
      return std::ranges::find(reasons, "spool-area-full") != reasons.end();
    });
    EXPECT_EQ(floor.device("office").count(), 1U);
    EXPECT_EQ(floor.job(id).state, JobState::Pending);
  }
  wait_until([&] {
    floor.pass(std::chrono::seconds(2));
    return floor.job(id).state == JobState::Completed;
  });
  EXPECT_EQ(floor.device("office").count(), 2U);
}

TEST(Manager, B13_AnOutcomeThatCannotBeWrittenIsKeptAndItsDeviceTakesNothingMeanwhile) {
  Floor floor;
  floor.add("office");
  Answer gated = saying(Outcome::Delivered, "printed");
  gated.gate = std::make_shared<std::atomic<bool>>(false);
  floor.device("office").will(gated);
  const int printing = floor.print("office");
  wait_until([&] { return floor.device("office").count() == 1; });
  const int waiting = floor.print("office");
  {
    const ipm::test::FileSizeLimit full(kFull);
    *gated.gate = true;
    wait_until([&] {
      const auto reasons = floor.manager().find_printer("office")->reasons;
      return std::ranges::find(reasons, "spool-area-full") != reasons.end();
    });
    EXPECT_EQ(floor.manager().find_printer("office")->state, ipp::PrinterState::Stopped);
    EXPECT_EQ(floor.job(printing).state, JobState::Processing);
    floor.pass(std::chrono::seconds(10));
    EXPECT_EQ(floor.device("office").count(), 1U);
  }
  EXPECT_EQ(floor.wait_for(printing, JobState::Completed).message, "printed");
  floor.wait_for(waiting, JobState::Completed);
  EXPECT_EQ(floor.device("office").count(), 2U) << "each once";
  EXPECT_THAT(floor.manager().find_printer("office")->reasons, IsEmpty());
  floor.reopen();
  EXPECT_EQ(floor.job(printing).state, JobState::Completed);
  EXPECT_EQ(floor.device("office").count(), 2U);
}

TEST(Manager, B13_ADeviceIsNotSentADocumentWhoseNumberCouldNotBeWritten) {
  Floor floor;
  floor.add("office");
  Answer first = saying(Outcome::Delivered);
  first.gate = std::make_shared<std::atomic<bool>>(false);
  floor.device("office").will(first);
  const int id = floor.print("office");
  wait_until([&] { return floor.device("office").count() == 1; });
  const int other = floor.print("office");
  Answer accepts;
  accepts.accept_gate = std::make_shared<std::atomic<bool>>(false);
  accepts.accepts = output::DeviceJob{42, 1};
  floor.device("office").will(accepts);
  *first.gate = true;
  floor.wait_for(id, JobState::Completed);
  wait_until([&] { return floor.device("office").count() == 2; });
  {
    const ipm::test::FileSizeLimit full(kFull);
    *accepts.accept_gate = true;
    wait_until([&] { return floor.device("office").refuses_accepted.load(); });
  }
  wait_until([&] {
    floor.pass(std::chrono::seconds(2));
    return floor.job(other).state == JobState::Completed;
  });
  EXPECT_EQ(floor.job(other).device_job, 0);
}

TEST(Manager, B13_TheDevicesOwnNumberIsDurableBeforeTheDocumentGoes) {
  Floor floor;
  floor.add("office");
  Answer answer = hanging();
  answer.accepts = output::DeviceJob{42, 1000};
  floor.device("office").will(answer);
  const int id = floor.print("office");
  wait_until([&] { return floor.job(id).device_job == 42; });
  floor.crash();
  floor.wait_for(id, JobState::Completed);
  const auto asked = floor.device("office").asked();
  ASSERT_THAT(asked, SizeIs(2));
  EXPECT_EQ(asked.front().earlier.device_job, 0);
  EXPECT_EQ(asked.back().earlier.device_job, 42);
  EXPECT_EQ(asked.back().earlier.device_up, 1000U);
  EXPECT_TRUE(asked.back().earlier.may_be_there);
}

// Whatever is left of the spool's files, log included.
std::string left_on_disk(Floor& floor) {
  floor.forget_manager();
  std::string bytes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(floor.folder / "spool")) {
    // The reserve has never held anything.
    if (entry.is_regular_file() && entry.path().extension() != ".reserve")
      bytes += read_file(entry.path());
  }
  return bytes;
}

TEST(Manager, B13_APinGoesToItsDeviceAfterACrashTooAndIsErasedWhenTheJobEnds) {
  const std::string kPin = "73910264-pin";
  for (const bool cancel : {false, true}) {
    Floor floor;
    floor.add("office", {}, "ipps://office.test/ipp/print");
    floor.await(floor.manager().pause("office", true));
    Job wanted = floor.draft("office");
    wanted.secrets.add_octets("job-password", kPin);
    wanted.secrets.add_keyword("job-password-encryption", "none");
    std::vector<spool::NewDocument> documents;
    documents.push_back(floor.document("for its owner only"));
    const int id = floor.await(floor.manager().submit(std::move(wanted), std::move(documents)))->id;
    floor.crash();
    EXPECT_EQ(*floor.job(id).secrets.find("job-password")->values.front().octets(), kPin);
    if (cancel) {
      floor.await(floor.manager().cancel(id, "enough"));
    } else {
      floor.await(floor.manager().pause("office", false));
      floor.wait_for(id, JobState::Completed);
      const auto asked = floor.device("office").asked();
      ASSERT_THAT(asked, SizeIs(1));
      EXPECT_EQ(*asked.front().secrets.find("job-password")->values.front().octets(), kPin);
      EXPECT_EQ(asked.front().secrets.find_text("job-password-encryption"), "none");
    }
    EXPECT_TRUE(floor.job(id).secrets.attributes.empty());
    EXPECT_THAT(floor.logged(), Not(HasSubstr(kPin)));
    EXPECT_THAT(left_on_disk(floor), Not(HasSubstr(kPin)));
  }
}

TEST(Manager, B13_AStopLeavesTheJobToTheDeviceAndTheNextStartFollowsIt) {
  Floor floor;
  floor.add("office");
  Answer answer = hanging();
  answer.accepts = output::DeviceJob{42, 1000};
  floor.device("office").will(answer);
  const int id = floor.print("office");
  wait_until([&] { return floor.job(id).device_job == 42; });
  floor.reopen();
  floor.wait_for(id, JobState::Completed);
  EXPECT_EQ(floor.device("office").stops, 1);
  EXPECT_EQ(floor.device("office").cancels, 0);
  EXPECT_EQ(floor.device("office").asked().back().earlier.device_job, 42);
}

TEST(Manager, AStopNamesTheDeviceThatHangsAndNoOther) {
  Floor floor;
  floor.limits.stop_wait = std::chrono::milliseconds(200);
  floor.reopen();
  floor.add("office");
  floor.add("well");
  Answer answer;
  answer.accepts = output::DeviceJob{42, 1000};
  answer.accept_gate = std::make_shared<std::atomic<bool>>(false);
  floor.device("office").will(answer);
  floor.print("office");
  wait_until([&] { return floor.device("office").count() == 1; });
  floor.await(floor.manager().stop());
  EXPECT_EQ(floor.manager().still_delivering(), std::vector<std::string>{"office"});
  EXPECT_NE(floor.logged().find("office: the delivery did not end in 200 ms"), std::string::npos);
  *answer.accept_gate = true;
  wait_until([&] { return floor.manager().still_delivering().empty(); });
}

TEST(Manager, B13_AfterACrashARawDeviceGetsNothingTwiceInSilence) {
  Floor floor;
  floor.add("raw", {}, "socket://raw.test");
  floor.add("files", {}, "file:///tmp/");
  for (const auto* name : {"raw", "fake"}) floor.device(name).will(hanging());
  const int raw = floor.print("raw");
  const int file = floor.print("files");
  wait_until([&] { return floor.device("raw").count() + floor.device("fake").count() == 2; });
  floor.crash();
  floor.wait_for(file, JobState::Completed);
  EXPECT_FALSE(floor.job(file).doubtful) << "the second file replaces the first";
  const Job held = floor.wait_for(raw, JobState::PendingHeld);
  EXPECT_TRUE(held.doubtful);
  EXPECT_THAT(held.message, HasSubstr("may be there twice"));
  EXPECT_EQ(floor.device("raw").count(), 1U);
}

TEST(Manager, B3_FinishedJobsKeepTheirSizeAndDocumentsOverARestart) {
  Floor floor;
  floor.add("office");
  const int id = floor.print("office", std::string(5000, 'x'));
  floor.wait_for(id, JobState::Completed);
  floor.reopen();
  EXPECT_EQ(floor.job(id).bytes(), 5000U);
  EXPECT_EQ(floor.job(id).document_count(), 1U);
  EXPECT_EQ(floor.job(id).state, JobState::Completed);
}

TEST(Manager, B3_OlderJobsOfTheHistoryAreReadFromTheDisk) {
  Floor floor;
  floor.add("office");
  floor.await(floor.manager().pause("office", true));
  std::vector<int> ids;
  for (std::size_t at = 0; at < kJobHistoryMax + 20; ++at) ids.push_back(floor.create("office"));
  floor.await(floor.manager().cancel(ids, "canceled"));
  const Job oldest = floor.job(ids.front());
  EXPECT_EQ(oldest.state, JobState::Canceled);
  const auto walked = [&](const JobQuery& wanted) {
    std::vector<int> found;
    JobWalk walk = floor.manager().walk_jobs(wanted);
    for (auto page = walk.next(100); !page.empty(); page = walk.next(100)) {
      for (const auto& job : page) found.push_back(job->id);
    }
    return found;
  };
  JobQuery query;
  query.which = WhichJobs::Completed;
  query.destination = "office";
  std::set<int> seen;
  for (const int id : walked(query)) EXPECT_TRUE(seen.insert(id).second) << "each once";
  EXPECT_EQ(seen.size(), ids.size());
  query.limit = kJobHistoryMax + 3;
  EXPECT_THAT(walked(query), SizeIs(query.limit));
  query = {};
  query.ids = {ids.front()};
  EXPECT_THAT(walked(query), ElementsAre(ids.front()));
}

TEST(Manager, ADestinationWithJobsIsRemovedOnlyWhenTheirEndIsSaid) {
  Floor floor;
  floor.add("office");
  floor.add("attic");
  floor.await(floor.manager().pause("office", true));
  const int first = floor.print("office");
  const int second = floor.print("office");
  const auto refused = floor.refused(floor.manager().remove_printer("office"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->message(), Message::PrinterHasJobs);
  EXPECT_THAT(refused->happened(), HasSubstr("2 jobs"));
  EXPECT_TRUE(floor.manager().find_printer("office"));
  EXPECT_EQ(floor.print("office"), second + 1) << "it takes jobs as before";
  EXPECT_EQ(floor.refused(floor.manager().remove_printer("office", {false, "no"}))->message(),
            Message::PrinterNotFound);
  EXPECT_EQ(floor.refused(floor.manager().remove_printer("office", {false, "office"}))->message(),
            Message::PrinterNotFound);
  floor.await(floor.manager().remove_printer("office", {false, "attic"}));
  EXPECT_FALSE(floor.manager().find_printer("office"));
  floor.wait_for(first, JobState::Completed);
  EXPECT_EQ(floor.wait_for(second, JobState::Completed).destination, "attic");
  EXPECT_EQ(floor.manager().default_printer(), "attic");
  floor.reopen();
  EXPECT_EQ(floor.job(second).destination, "attic");
  EXPECT_THAT(floor.manager().printers(), SizeIs(1));
}

TEST(Manager, RemovingWithCancelEndsWhatIsPrintedToo) {
  Floor floor;
  floor.add("office");
  floor.device("office").will(hanging());
  const int printing = floor.print("office");
  const int waiting = floor.print("office");
  wait_until([&] { return floor.device("office").count() == 1; });
  floor.await(floor.manager().remove_printer("office", {true, ""}));
  EXPECT_EQ(floor.job(printing).state, JobState::Canceled);
  EXPECT_EQ(floor.job(waiting).state, JobState::Canceled);
  EXPECT_FALSE(floor.manager().find_printer("office"));
  EXPECT_EQ(floor.device("office").count(), 1U);
  EXPECT_EQ(floor.refused(floor.manager().remove_printer("office"))->message(),
            Message::PrinterNotFound);
}

TEST(Manager, AJobThatIsPrintedIsLeftAndMovedWithTheDoubtSaid) {
  Floor floor;
  floor.add("office");
  floor.add("attic");
  Answer answer = hanging();
  answer.accepts = output::DeviceJob{7, 1};
  floor.device("office").will(answer);
  const int id = floor.print("office");
  wait_until([&] { return floor.job(id).device_job == 7; });
  floor.await(floor.manager().remove_printer("office", {false, "attic"}));
  const Job moved = floor.job(id);
  EXPECT_EQ(moved.destination, "attic");
  EXPECT_EQ(moved.state, JobState::PendingHeld);
  EXPECT_TRUE(moved.doubtful);
}

TEST(Manager, AModifiedAddressIsUsedForTheNextJobAndTheQueueStays) {
  Floor floor;
  floor.add("office");
  floor.await(floor.manager().pause("office", true));
  const int id = floor.print("office");
  DestinationChange wanted;
  wanted.device_uri = "ipp://other.test/ipp/print";
  wanted.location = "Room 9";
  floor.await(floor.manager().modify_printer("office", wanted));
  EXPECT_EQ(floor.manager().find_printer("office")->device_uri, "ipp://other.test/ipp/print");
  EXPECT_EQ(floor.manager().find_printer("office")->logical.description->find("printer-location"),
            ipp::EncodedAttributes([] {
              ipp::AttributeList list;
              list.add_text("printer-location", "Room 9");
              return list;
            }())
                .find("printer-location"));
  floor.await(floor.manager().pause("office", false));
  floor.wait_for(id, JobState::Completed);
  EXPECT_EQ(floor.device("office").count(), 0U);
  EXPECT_EQ(floor.device("other").count(), 1U);
  floor.device("gone").cannot_be_made = true;
  wanted.device_uri = "ipp://gone.test/";
  EXPECT_EQ(floor.refused(floor.manager().modify_printer("office", wanted))->message(),
            Message::DeviceUriUnsupported);
}

Answer accepting(std::int32_t id) {
  Answer answer = hanging();
  answer.accepts = output::DeviceJob{id, 1};
  return answer;
}

DestinationChange to_address(std::string uri) {
  DestinationChange wanted;
  wanted.device_uri = std::move(uri);
  return wanted;
}

TEST(Manager, B13_AJobThatIsPrintedIsNeverAskedForAtAnotherAddress) {
  Floor floor;
  floor.add("office");
  floor.device("office").will(accepting(7));
  const int id = floor.print("office");
  wait_until([&] { return floor.job(id).device_job == 7; });
  floor.await(floor.manager().modify_printer("office", to_address("ipp://other.test/")));
  const Job held = floor.job(id);
  EXPECT_EQ(held.state, JobState::PendingHeld);
  EXPECT_TRUE(held.doubtful);
  EXPECT_EQ(held.device_job, 0);
  EXPECT_EQ(floor.device("office").stops, 1);
  const int next = floor.print("office");
  floor.wait_for(next, JobState::Completed);
  floor.reopen();
  EXPECT_EQ(floor.job(id).state, JobState::PendingHeld);
  EXPECT_THAT(floor.device("other").jobs(), ElementsAre(next));
}

TEST(Manager, B13_UntilItsJobIsLetGoTheDeviceKeepsItsAddress) {
  Floor floor;
  floor.limits.removal_wait = std::chrono::milliseconds(50);
  floor.reopen();
  floor.add("office");
  Answer deaf = accepting(7);
  deaf.accept_gate = std::make_shared<std::atomic<bool>>(false);
  floor.device("office").will(deaf);
  const int id = floor.print("office");
  wait_until([&] { return floor.device("office").count() == 1; });
  const auto refused =
      floor.refused(floor.manager().modify_printer("office", to_address("ipp://other.test/")));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->message(), Message::PrinterHasJobs);
  EXPECT_EQ(floor.manager().find_printer("office")->device_uri, "ipp://office.test/ipp/print");
  *deaf.accept_gate = true;
  floor.wait_for(id, JobState::Completed);
  EXPECT_EQ(floor.device("office").asked().back().earlier.device_job, 7);
  floor.wait_for(floor.print("office"), JobState::Completed);
  EXPECT_EQ(floor.device("other").count(), 0U);
}

TEST(Manager, B13_WhatAJobDidWrongAtOneDeviceIsForgottenAtAnother) {
  Floor floor;
  floor.add("office", {OnFailure::HoldJob, OnDoubt::Hold, 2});
  floor.add("attic", {OnFailure::HoldJob, OnDoubt::Hold, 2});
  floor.device("office").will(saying(Outcome::JobFailed, "no"));
  const int first = floor.print("office");
  wait_until([&] { return floor.job(first).attempts == 1; });
  // No time passes here, so its pause would never be over.
  floor.await(floor.manager().modify_printer("office", to_address("ipp://other.test/")));
  EXPECT_EQ(floor.wait_for(first, JobState::Completed).attempts, 0);
  EXPECT_THAT(floor.device("other").jobs(), ElementsAre(first));
  floor.device("other").will(saying(Outcome::JobFailed, "no"));
  const int second = floor.print("office");
  wait_until([&] { return floor.job(second).attempts == 1; });
  floor.await(floor.manager().remove_printer("office", {false, "attic"}));
  EXPECT_EQ(floor.wait_for(second, JobState::Completed).attempts, 0);
  EXPECT_THAT(floor.device("attic").jobs(), ElementsAre(second));
}

TEST(Manager, ADestinationThatIsBeingRemovedTakesNoJobs) {
  Floor floor;
  floor.add("office");
  Answer deaf;
  deaf.accept_gate = std::make_shared<std::atomic<bool>>(false);
  floor.device("office").will(deaf);
  floor.print("office");
  wait_until([&] { return floor.device("office").count() == 1; });
  asio::io_context context;
  auto removal = asio::co_spawn(context, floor.manager().remove_printer("office", {true, ""}),
                                asio::use_future);
  std::jthread remover([&] { context.run(); });
  std::optional<Message> refused;
  wait_until([&] {
    try {
      static_cast<void>(floor.draft("office"));
    } catch (const Error& error) {
      refused = error.message();
    }
    return refused.has_value();
  });
  EXPECT_EQ(refused, Message::NotAccepting);
  *deaf.accept_gate = true;
  removal.get();
  EXPECT_FALSE(floor.manager().find_printer("office"));
}

TEST(Manager, EveryNumberHasABound) {
  Floor floor;
  floor.limits.destinations_max = 2;
  floor.limits.jobs_active_max = 3;
  floor.limits.documents_per_job_max = 2;
  floor.reopen();
  floor.add("office");
  floor.add("attic");
  DestinationOrder third;
  third.name = "third";
  third.device_uri = "ipp://third.test/";
  EXPECT_EQ(floor.refused(floor.manager().add_printer(third))->message(), Message::TooManyJobs);
  floor.await(floor.manager().pause("office", true));
  const int id = floor.create("office");
  floor.await(floor.manager().add_document(id, floor.document("one"), false));
  EXPECT_NO_THROW(floor.manager().require_room(id));
  floor.await(floor.manager().add_document(id, floor.document("two"), false));
  EXPECT_THROW(floor.manager().require_room(id), Error);
  EXPECT_EQ(
      floor.refused(floor.manager().add_document(id, floor.document("three"), true))->message(),
      Message::JobNotPossible);
  EXPECT_EQ(floor.await(floor.manager().add_document(id, std::nullopt, true))->documents.size(),
            2U);
  floor.print("office");
  floor.print("office");
  EXPECT_THROW(static_cast<void>(floor.draft("office")), Error);
  floor.await(floor.manager().cancel(id, "no more"));
  EXPECT_NO_THROW(static_cast<void>(floor.draft("office")));
}

TEST(Manager, ANameThatIsTakenIsSaidBeforeAnythingElse) {
  Floor floor;
  floor.add("office");
  DestinationOrder again;
  again.name = "office";
  EXPECT_EQ(floor.refused(floor.manager().add_printer(again))->message(), Message::PrinterExists);
}

TEST(Manager, TheDefaultStaysWithTheFirstOrWithTheOneThatWasSet) {
  Floor floor;
  EXPECT_FALSE(floor.manager().default_printer());
  floor.add("office");
  floor.add("accounting");
  EXPECT_EQ(floor.manager().default_printer(), "office");
  floor.reopen();
  EXPECT_EQ(floor.manager().default_printer(), "office");
  floor.await(floor.manager().set_default("accounting"));
  floor.reopen();
  EXPECT_EQ(floor.manager().default_printer(), "accounting");
  EXPECT_EQ(floor.refused(floor.manager().set_default("no"))->message(), Message::PrinterNotFound);
}

TEST(Manager, ADeviceWithoutADriverIsTriedAgainAndItsPrinterSaysWhy) {
  Floor floor;
  floor.add("office");
  const int id = [&] {
    floor.await(floor.manager().pause("office", true));
    return floor.print("office");
  }();
  floor.device("office").cannot_be_made = true;
  floor.reopen();
  wait_until([&] {
    return floor.manager().find_printer("office")->reasons.size() == 2;  // paused, and why
  });
  floor.await(floor.manager().pause("office", false));
  EXPECT_THAT(floor.manager().find_printer("office")->message, HasSubstr("the folder is gone"));
  floor.device("office").cannot_be_made = false;
  wait_until([&] {
    floor.pass(std::chrono::seconds(400));
    return floor.job(id).state == JobState::Completed;
  });
}

TEST(Manager, DriversAreMadeWhereDevicesMayHang) {
  Floor floor;
  floor.add("office");
  floor.await(floor.manager().modify_printer("office", to_address("ipp://other.test/")));
  floor.wait_for(floor.print("office"), JobState::Completed);
  EXPECT_GE(floor.device("office").made + floor.device("other").made, 3);
  EXPECT_EQ(floor.made_on_intake, 0);
}

TEST(Manager, ADeviceDescribesItsPrinter) {
  Floor floor;
  output::DeviceDescription description;
  description.capabilities.add_boolean("color-supported", true);
  description.state.add_keywords("printer-state-reasons", {"toner-low"});
  floor.device("office").description = description;
  floor.add("office");
  wait_until([&] {
    const auto printer = floor.manager().find_printer("office");
    return printer->logical.supported->find_boolean("color-supported") == true;
  });
  EXPECT_THAT(floor.manager().find_printer("office")->reasons, ElementsAre("toner-low"));
}

TEST(Manager, ADeviceThatWasAddedIsHeard) {
  Floor floor;
  auto& known = floor.device("office").description.emplace();
  known.capabilities.add_text("printer-make-and-model", "Plotter\x07 7");
  floor.device("silent").describe_failure = "no route to it";
  for (const auto* name : {"office", "silent", "attic"}) floor.add(name);
  floor.add("raw", {}, "socket://raw.test");
  const auto heard = [&](const char* name) {
    return floor.await(floor.manager().hear_device(name));
  };
  EXPECT_EQ(heard("office"), "the device answers: Plotter\\x07 7");
  EXPECT_EQ(heard("attic"), "the device answers");
  EXPECT_EQ(heard("silent"),
            "the device does not answer: no route to it; its jobs wait until it does");
  EXPECT_EQ(heard("raw"), std::nullopt);
  EXPECT_EQ(heard("nowhere"), std::nullopt);
}

TEST(Manager, WhatADeviceCanIsKnownAfterARestartThoughItDoesNotAnswer) {
  Floor floor;
  output::DeviceDescription description;
  description.capabilities.add_boolean("color-supported", true);
  floor.device("office").description = description;
  floor.add("office");
  const auto has_color = [&](const std::string& name) {
    const auto printer = floor.manager().find_printer(name);
    return printer->logical.supported->find_boolean("color-supported") == true;
  };
  wait_until([&] { return has_color("office"); });
  floor.device("office").is_silent = true;
  floor.reopen();
  EXPECT_TRUE(has_color("office"));
  floor.device("other").is_silent = true;
  floor.await(floor.manager().modify_printer("office", to_address("ipp://other.test/")));
  EXPECT_FALSE(has_color("office")) << "that was another device";
  DestinationOrder raw;
  raw.name = "raw";
  raw.device_uri = "socket://raw.test";
  raw.settings.declared.add_boolean("color-supported", true);
  floor.device("raw").is_silent = true;
  floor.await(floor.manager().add_printer(raw));
  EXPECT_TRUE(has_color("raw"));
  floor.reopen();
  EXPECT_TRUE(has_color("raw"));
}

TEST(Manager, B3_WhatCannotBeReadOfTheSpoolHidesNothingElse) {
  Floor floor;
  floor.add("office");
  floor.add("attic");
  const int done = floor.print("attic");
  floor.wait_for(done, JobState::Completed);
  floor.await(floor.manager().pause("office", true));
  const int waiting = floor.print("office");
  const int sound = floor.print("office");
  const std::string garbage = "no message at all";
  spool::JobUpdate damage;
  damage.id = waiting;
  damage.attributes = garbage;
  floor.spool().update_job(damage, {});
  damage.id = done;
  damage.status.state = spool::JobState::Completed;
  damage.status.finished_at = TimePoint{std::chrono::seconds{1'900'000'000}};
  floor.spool().update_job(damage, {});
  for (const auto kind : {spool::DestinationKind::Logical, spool::DestinationKind::Actual}) {
    spool::Destination damaged;
    damaged.kind = kind;
    damaged.name = "office";
    if (kind == spool::DestinationKind::Logical) damaged.feeds = {"office"};
    damaged.device_uri = "ipp://office.test/";
    damaged.attributes = garbage;
    floor.spool().put_destination(damaged, {});
  }
  floor.reopen();
  const auto printer = floor.manager().find_printer("office");
  ASSERT_TRUE(printer);
  EXPECT_TRUE(printer->paused);
  EXPECT_EQ(printer->device_uri, "ipp://office.test/");
  EXPECT_EQ(floor.job(waiting).state, JobState::Aborted);
  EXPECT_THAT(floor.job(waiting).message, HasSubstr("damaged"));
  EXPECT_EQ(floor.job(sound).state, JobState::Pending);
  EXPECT_EQ(floor.job(done).state, JobState::Completed);
  EXPECT_THAT(floor.logged(), HasSubstr("what is stored of destination office cannot be read"));
  // Its damage is told of once.
  const auto told = floor.logged().size();
  floor.await(floor.manager().pause("office", false));
  floor.wait_for(sound, JobState::Completed);
  floor.reopen();
  EXPECT_EQ(floor.logged().substr(told).find("IMP-5003"), std::string::npos);
  EXPECT_EQ(floor.job(waiting).state, JobState::Aborted);
}

TEST(Manager, WhatADeviceWaitsForIsShown) {
  Floor floor;
  floor.add("office");
  Answer answer = hanging();
  answer.waiting = "no paper in tray 1";
  floor.device("office").will(answer);
  const int id = floor.print("office");
  wait_until([&] { return !floor.manager().find_printer("office")->message.empty(); });
  EXPECT_THAT(floor.manager().find_printer("office")->reasons, ElementsAre("media-empty"));
  EXPECT_EQ(floor.manager().message_of(floor.job(id)), "no paper in tray 1");
  floor.await(floor.manager().cancel(id, "canceled by alice"));
  floor.wait_for(id, JobState::Canceled);
}

TEST(Manager, EveryChangeIsAnEventInOrder) {
  Floor floor;
  floor.add("office");
  const int id = floor.print("office");
  floor.wait_for(id, JobState::Completed);
  std::vector<JobState> states;
  for (const auto& event : floor.manager().events().after(0).events) {
    const auto job = std::dynamic_pointer_cast<const Job>(event.after);
    if (job && job->id == id) states.push_back(job->state);
    if (event.what == events::What::JobAdded) EXPECT_EQ(event.before, nullptr);
  }
  EXPECT_THAT(states, ElementsAre(JobState::Pending, JobState::Processing, JobState::Completed));
}

TEST(Manager, AJobForADestinationThatDoesNotAcceptIsRefused) {
  Floor floor;
  floor.add("office");
  Job drafted = floor.draft("office");
  std::vector<spool::NewDocument> documents;
  documents.push_back(floor.document("text"));
  floor.await(floor.manager().accept("office", false));
  EXPECT_EQ(
      floor.refused(floor.manager().submit(std::move(drafted), std::move(documents)))->message(),
      Message::NotAccepting)
      << "it was closed while the document came in";
  for (const auto* name : {"office", "nowhere"}) {
    try {
      static_cast<void>(floor.draft(name));
      ADD_FAILURE() << "it was not refused";
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), std::string_view(name) == "office" ? Message::NotAccepting
                                                                    : Message::PrinterNotFound);
    }
  }
}

}  // namespace
}  // namespace ipm::print
