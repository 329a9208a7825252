// What an earlier attempt left at an IPP device, and how the next one goes on with it (B13).
#include <boost/asio/steady_timer.hpp>

#include "delivery_fixture.h"
#include "fake_ipp_printer.h"
#include "output/ipp/ipp_device.h"
#include "output/ipp/ipp_driver.h"

namespace ipm::output::test {
namespace {

using ipp::JobState;
using ipp::Operation;
using ipp::Status;
using Asked = FakeIppPrinter::Asked;
using Reaction = FakeIppPrinter::Reaction;
using Strings = std::vector<std::string>;

constexpr std::uint64_t kLongAgo = 5'000;  // before the fake's thousand seconds

class IppResume : public Deliveries {
 protected:
  const Driver& driver(const FakeIppPrinter& printer) {
    if (!driver_) driver_ = make_ipp_driver(parse_uri(printer.uri()), {}, environment(), hasty());
    return *driver_;
  }
  Result deliver(const FakeIppPrinter& printer, const Assignment& job) {
    return run(driver(printer), job);
  }
  // `wish` comes as soon as `when` is true.
  Result deliver(const FakeIppPrinter& printer, const Assignment& job,
                 const std::function<bool()>& when, const std::function<void()>& wish) {
    boost::asio::io_context context;
    boost::asio::steady_timer timer(context);
    std::function<void()> look = [&] {
      timer.expires_after(std::chrono::milliseconds(2));
      timer.async_wait([&](const boost::system::error_code& ended) {
        if (ended) return;
        if (when()) return wish();
        look();
      });
    };
    look();
    Result result;
    boost::asio::co_spawn(context, driver(printer).deliver(job, cancellation_, progress_),
                          [&](const std::exception_ptr& failure, Result got) {
                            EXPECT_FALSE(failure);
                            result = std::move(got);
                            timer.cancel();
                          });
    context.run();
    return result;
  }
  // As the next attempt gets it, after `result`.
  Earlier earlier(const Result& result) const {
    const DeviceJob last = noted_.empty() ? DeviceJob{} : noted_.back();
    return {last.id, last.device_up, result.may_be_there, result.whole && last.id != 0, last.part};
  }
  static Assignment one() { return assignment({document("one")}); }
  static Assignment two() { return assignment({document("one"), document("two", 2)}); }
  static FakeIppPrinter::Job ours(JobState state) {
    return {.name = "report", .user = "alice", .state = state, .documents = {"x"}, .created = 990};
  }
  static FakeIppPrinter::Rule lose(Operation operation) {
    return [operation](const Asked& asked) -> std::optional<Reaction> {
      if (asked.operation == operation) return FakeIppPrinter::lost();
      return std::nullopt;
    };
  }
  static FakeIppPrinter::Rule hang(Operation operation) {
    return [operation](const Asked& asked) -> std::optional<Reaction> {
      if (asked.operation == operation) return FakeIppPrinter::silent();
      return std::nullopt;
    };
  }
  static int sent(FakeIppPrinter& printer) {
    return printer.count(Operation::PrintJob) + printer.count(Operation::SendDocument);
  }

  std::unique_ptr<Driver> driver_;
};

struct Row {
  std::string there;  // what the device says of the job under our number
  bool whole;         // it had said that it has all of it
  Outcome outcome;
  bool anew;  // its documents are sent again
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {"completed", true, Outcome::Delivered, false},
      {"completed", false, Outcome::Delivered, false},
      {"aborted", true, Outcome::JobRefused, false},
      {"aborted", false, Outcome::Delivered, true},
      {"incoming", true, Outcome::Delivered, true},
      {"incoming", false, Outcome::Delivered, true},
      {"not found", true, Outcome::Delivered, false},
      {"not found", false, Outcome::Doubtful, false},
      {"reused", true, Outcome::Doubtful, false},
      {"reused", false, Outcome::Doubtful, false},
      {"reused and incoming", false, Outcome::Doubtful, false},
  };
  return all;
}

std::int32_t put(FakeIppPrinter& printer, const std::string& there) {
  FakeIppPrinter::Job job{.name = "report", .user = "alice", .documents = {"x"}, .created = 990};
  if (there == "completed") job.state = JobState::Completed;
  if (there == "aborted") job.state = JobState::Aborted;
  if (there == "incoming") {
    job.state = JobState::Pending;
    job.incoming = true;
    job.documents.clear();
  }
  if (there.starts_with("reused")) {
    job.name = "salaries";
    job.user = "bob";
    job.state = there == "reused" ? JobState::Completed : JobState::Pending;
    job.incoming = there != "reused";
  }
  const auto id = printer.put(std::move(job));
  if (there == "not found") printer.forget_all();
  return id;
}

TEST_F(IppResume, B13_EachThingThatADeviceSaysOfAnEarlierJobMeansOneThing) {
  for (const auto& row : rows()) {
    // One job; the first of two; the second of two.
    for (const int part : {0, 1, 2}) {
      SCOPED_TRACE(row.there + (row.whole ? ", whole" : ", in part") + ", part " +
                   std::to_string(part));
      FakeIppPrinter printer;
      driver_.reset();
      noted_.clear();
      printer.one_document = true;
      Assignment job = part == 0 ? one() : two();
      const bool reused = row.there.starts_with("reused");
      job.earlier = {.device_job = put(printer, row.there),
                     .device_up = seconds_now() - (reused ? kLongAgo : 0),
                     .may_be_there = true,
                     .whole = row.whole,
                     .part = {part, 0}};
      const auto result = deliver(printer, job);
      EXPECT_EQ(result.outcome, row.outcome) << result.text;
      EXPECT_EQ(printer.count(Operation::CancelJob), row.there == "incoming" ? 1 : 0);
      Strings expected;
      if (row.outcome == Outcome::Delivered) {
        if (row.anew && part < 2) expected.emplace_back("one");
        if (part == 1 || (row.anew && part == 2)) expected.emplace_back("two");
      }
      Strings got;
      for (const auto& asked : printer.asked(Operation::SendDocument))
        got.push_back(asked.document);
      EXPECT_EQ(got, expected);
      if (row.outcome == Outcome::Doubtful) EXPECT_TRUE(result.may_be_there);
    }
  }
}

TEST_F(IppResume, B13_AJobThatARestartedDeviceStillHasIsFollowed) {
  FakeIppPrinter printer;
  auto job = one();
  auto kept = ours(JobState::Completed);
  kept.created = 0;  // before its last start (RFC 8011, 5.3.14)
  job.earlier = {
      .device_job = printer.put(kept), .device_up = seconds_now() - kLongAgo, .may_be_there = true};
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(sent(printer), 0);
}

TEST_F(IppResume, B13_ADeviceThatRestartsWhileItIsWatchedIsNotBelievedBlindly) {
  FakeIppPrinter printer;
  printer.hold_jobs(true);
  printer.rule([&](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation != Operation::GetJobAttributes) return std::nullopt;
    auto answer = ipp::Message::reply(Status::Ok, asked.message.header);
    auto& group = answer.add_group(ipp::GroupTag::Job);
    group.add_integer("job-id", 1);
    group.add_name("job-name", "salaries");
    group.add_enum("job-state", static_cast<std::int32_t>(JobState::Completed));
    group.add_integer("job-printer-up-time", 1);
    return FakeIppPrinter::reply(answer);
  });
  auto job = one();
  job.earlier = {.device_job = 1, .device_up = seconds_now() - 60, .may_be_there = true};
  printer.put(ours(JobState::Processing));
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::Doubtful) << result.text;
}

TEST_F(IppResume, B13_WhatADeviceMakesOfANameIsNoReasonToDoubtWhileItRuns) {
  FakeIppPrinter printer;
  auto job = one();
  auto renamed = ours(JobState::Completed);
  renamed.name = "REPORT_1";
  job.earlier = {.device_job = printer.put(renamed), .device_up = seconds_now()};
  EXPECT_EQ(deliver(printer, job).outcome, Outcome::Delivered);
}

TEST_F(IppResume, B13_ASecondDocumentThatWasRefusedIsSentByTheNextAttemptAndNothingElse) {
  FakeIppPrinter printer(false);
  printer.answer_status(Operation::CreateJob, Status::OperationNotSupported);
  printer.rule([](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation != Operation::PrintJob || asked.nth != 2) return std::nullopt;
    return FakeIppPrinter::reply(ipp::Message::reply(Status::Busy, asked.message.header));
  });
  auto job = two();
  const auto first = deliver(printer, job);
  EXPECT_EQ(first.outcome, Outcome::DeviceAway) << first.text;
  EXPECT_NE(first.text.find("1 of 2 documents are printed"), std::string::npos) << first.text;
  job.earlier = earlier(first);
  driver_.reset();  // as after a restart
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(printer.printed(), (Strings{"one", "two"}));
}

TEST_F(IppResume, B13_CopiesThatADeviceIgnoredAreCountedOverAttempts) {
  FakeIppPrinter printer(false);
  printer.makes_copies = false;
  printer.rule([](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation != Operation::PrintJob || asked.nth != 2) return std::nullopt;
    return FakeIppPrinter::reply(ipp::Message::reply(Status::Busy, asked.message.header));
  });
  auto job = assignment({document("one")}, 3);
  job.job_template.add_integer("copies", 3);
  const auto first = deliver(printer, job);
  EXPECT_EQ(first.outcome, Outcome::DeviceAway) << first.text;
  job.earlier = earlier(first);
  driver_.reset();
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(printer.printed(), (Strings{"one", "one", "one"}));
}

TEST_F(IppResume, B13_WhichOfSeveralJobsIsUnderWayIsDurableBeforeItGoes) {
  FakeIppPrinter printer;
  printer.one_document = true;
  std::vector<std::pair<Part, int>> seen;
  on_noted_ = [&] { seen.emplace_back(noted_.back().part, sent(printer)); };
  EXPECT_EQ(deliver(printer, two()).outcome, Outcome::Delivered);
  const std::vector<std::pair<Part, int>> expected = {
      {{1, 0}, 0}, {{1, 0}, 0}, {{2, 0}, 1}, {{2, 0}, 1}};
  EXPECT_EQ(seen, expected);
}

// --- doubt that nobody has settled -----------------------------------------------------------------

TEST_F(IppResume, B13_ADoubtStaysWhateverEndsADeliveryThatAskedNobody) {
  for (const bool cancels : {false, true}) {
    FakeIppPrinter printer(false);
    driver_.reset();
    cancellation_ = {};
    printer.rule(hang(Operation::GetPrinterAttributes));
    auto job = one();
    job.earlier.may_be_there = true;
    const auto result = deliver(
        printer, job, [&] { return printer.count(Operation::GetPrinterAttributes) > 0; },
        [&] { cancels ? cancellation_.cancel() : cancellation_.stop(); });
    EXPECT_EQ(result.outcome, cancels ? Outcome::Canceled : Outcome::Left) << result.text;
    EXPECT_TRUE(result.may_be_there);
    const auto at_once = deliver(printer, job);  // the wish is there already
    EXPECT_TRUE(at_once.may_be_there);
  }
  cancellation_ = {};
  auto job = one();
  job.earlier = {.device_job = 7, .may_be_there = true, .whole = true};
  const auto away =
      run(*make_ipp_driver(parse_uri("ipp://127.0.0.1:9/"), {}, environment(), hasty()), job);
  EXPECT_EQ(away.outcome, Outcome::DeviceAway);
  EXPECT_TRUE(away.may_be_there && away.whole) << "nobody has said otherwise";
}

TEST_F(IppResume, B13_ADoubtThatTheDeviceSettledIsOver) {
  FakeIppPrinter printer(false);
  printer.put({.name = "other", .user = "bob", .state = JobState::Completed, .created = 990});
  printer.answer_status(Operation::PrintJob, Status::Busy);
  auto job = one();
  job.earlier.may_be_there = true;
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::DeviceAway) << result.text;
  EXPECT_FALSE(result.may_be_there) << "asked, it had none of it";
}

TEST_F(IppResume, B13_ThatADeviceHasAllOfItIsSaidWhenAStopLeavesItThere) {
  FakeIppPrinter printer;
  printer.hold_jobs(true);
  on_waiting_ = [&] { cancellation_.stop(); };
  const auto left = deliver(printer, one());
  EXPECT_EQ(left.outcome, Outcome::Left);
  EXPECT_TRUE(left.whole && left.may_be_there);
}

TEST_F(IppResume, B13_AllThatWentIsNotAllThatCame) {
  FakeIppPrinter printer;
  printer.rule(lose(Operation::SendDocument));
  printer.answer_status(Operation::GetJobAttributes, Status::NotFound);
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Doubtful) << result.text;
  EXPECT_FALSE(result.whole);
}

TEST_F(IppResume, B13_AJobThatADeviceEndedWithSomeOfItsDocumentsIsNotPrinted) {
  FakeIppPrinter printer;
  auto job = two();
  job.earlier = {.device_job = printer.put(ours(JobState::Completed)),  // with one document
                 .device_up = seconds_now(),
                 .may_be_there = true};
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::Doubtful) << result.text;
  EXPECT_EQ(sent(printer), 0);
}

TEST_F(IppResume, B13_WhoCancelledItThereDecidesWhetherItIsMadeAnew) {
  for (const bool person : {false, true}) {
    FakeIppPrinter printer;
    driver_.reset();
    auto canceled = ours(JobState::Canceled);
    canceled.reasons = {person ? "job-canceled-at-device" : "job-canceled-by-user"};
    auto job = one();
    job.earlier = {
        .device_job = printer.put(canceled), .device_up = seconds_now(), .may_be_there = true};
    const auto result = deliver(printer, job);
    EXPECT_EQ(result.outcome, person ? Outcome::Canceled : Outcome::Delivered) << result.text;
    EXPECT_EQ(sent(printer), person ? 0 : 1);
  }
}

// --- cancelling ----------------------------------------------------------------------------------------

TEST_F(IppResume, ACancelReachesTheDeviceThoughItIsSlowToDescribeItself) {
  FakeIppPrinter printer;
  printer.rule(hang(Operation::GetPrinterAttributes));
  const auto id = printer.put(ours(JobState::Processing));
  auto job = one();
  job.earlier = {.device_job = id, .device_up = seconds_now(), .may_be_there = true};
  const auto result = deliver(
      printer, job, [&] { return printer.count(Operation::GetPrinterAttributes) > 0; },
      [&] { cancellation_.cancel(); });
  EXPECT_EQ(result.outcome, Outcome::Canceled) << result.text;
  EXPECT_EQ(printer.count(Operation::CancelJob), 1);
  EXPECT_EQ(printer.jobs().at(id).state, JobState::Canceled);
}

TEST_F(IppResume, ACancelThatCameBeforeTheFirstQuestionReachesTheDevice) {
  FakeIppPrinter printer;
  const auto id = printer.put(ours(JobState::Processing));
  auto job = one();
  job.earlier.device_job = id;
  cancellation_.cancel();
  EXPECT_EQ(deliver(printer, job).outcome, Outcome::Canceled);
  EXPECT_EQ(printer.jobs().at(id).state, JobState::Canceled);
  EXPECT_EQ(printer.count(Operation::GetPrinterAttributes), 0);
}

TEST_F(IppResume, B13_ACancelAfterARestartOfTheDeviceEndsNobodyElsesJob) {
  FakeIppPrinter printer;
  auto job = one();
  job.earlier = {.device_job = put(printer, "reused and incoming"),
                 .device_up = seconds_now() - kLongAgo};
  cancellation_.cancel();
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::Canceled);
  EXPECT_TRUE(result.may_be_there) << "what became of ours nobody knows";
  EXPECT_EQ(printer.count(Operation::CancelJob), 0);
}

TEST_F(IppResume, CopiesThatAreNotWantedAnyMoreAreNotMade) {
  FakeIppPrinter printer;
  auto job = two();
  job.earlier.part = {1, 2};
  EXPECT_EQ(deliver(printer, job).outcome, Outcome::Delivered);
  EXPECT_EQ(printer.printed(), Strings{"two"});
  job.earlier.part = {0, 2};
  EXPECT_EQ(deliver(printer, job).outcome, Outcome::Delivered);
  EXPECT_EQ(sent(printer), 1);
}

TEST_F(IppResume, B13_AJobThatTheDeviceDoesNotLetBeCancelledStaysNoted) {
  FakeIppPrinter printer;
  printer.answer_status(Operation::SendDocument, Status::Busy);
  printer.answer_status(Operation::CancelJob, Status::NotAuthorized);
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::DeviceAway) << result.text;
  EXPECT_TRUE(result.may_be_there);
  ASSERT_EQ(noted_.size(), 1U);
  EXPECT_EQ(noted_[0].id, 1);
}

TEST_F(IppResume, B13_ACancelThatTheDeviceRefusedIsNotCalledOne) {
  FakeIppPrinter printer;
  printer.hold_jobs(true);
  printer.answer_status(Operation::CancelJob, Status::NotAuthorized);
  on_waiting_ = [&] { cancellation_.cancel(); };
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Canceled);
  EXPECT_TRUE(result.may_be_there);
  EXPECT_NE(result.text.find("but not at"), std::string::npos) << result.text;
}

TEST_F(IppResume, B13_AHalfMadeJobThatCannotBeCancelledIsNotMadeTwice) {
  FakeIppPrinter printer;
  printer.answer_status(Operation::CancelJob, Status::NotAuthorized);
  auto job = one();
  job.earlier.device_job = put(printer, "incoming");
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::JobFailed) << result.text;
  EXPECT_EQ(result.text.find("was cancelled there"), std::string::npos) << result.text;
  EXPECT_TRUE(result.may_be_there);
  EXPECT_EQ(sent(printer), 0);
}

}  // namespace
}  // namespace ipm::output::test
