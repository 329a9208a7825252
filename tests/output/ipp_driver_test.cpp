#include "output/ipp/ipp_driver.h"

#include "delivery_fixture.h"
#include "fake_ipp_printer.h"

namespace ipm::output::test {
namespace {

using ipp::JobState;
using ipp::Operation;
using ipp::Status;
using Asked = FakeIppPrinter::Asked;
using Reaction = FakeIppPrinter::Reaction;

// Before the fake's thousand seconds.
std::uint64_t started_long_ago() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count()) -
         5'000;
}

class IppDriver : public Deliveries {
 protected:
  Result deliver(const FakeIppPrinter& printer, const Assignment& job) {
    if (!driver_) {
      driver_ =
          make_ipp_driver(parse_uri(printer.uri()), {}, {pool_.get_executor(), {}}, patience_);
    }
    return run(*driver_, job);
  }
  static Assignment one(const std::string& text = "content") {
    return assignment({document(text)});
  }
  Patience patience_ = hasty();
  std::unique_ptr<Driver> driver_;
};

TEST_F(IppDriver, B13_TheDevicesJobIdIsDurableBeforeTheDocumentGoes) {
  FakeIppPrinter printer;
  int documents_then = -1;
  on_noted_ = [&] { documents_then = printer.count(Operation::SendDocument); };
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(result.impressions, 3);
  EXPECT_EQ(documents_then, 0);
  ASSERT_EQ(noted_.size(), 1U);
  EXPECT_EQ(noted_[0].id, 1);
  EXPECT_GT(noted_[0].device_up, 0U);
  EXPECT_EQ(printer.printed(), std::vector<std::string>{"content"});
}

TEST_F(IppDriver, B13_WhatCannotBeMadeDurableIsNotSent) {
  FakeIppPrinter printer;
  progress_.accepted = [](DeviceJob) -> boost::asio::awaitable<void> {
    throw Error(Message::SpoolWriteFailed, "the disk is full", "space");
    co_return;
  };
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::DeviceAway) << result.text;
  EXPECT_EQ(printer.count(Operation::SendDocument), 0);
  EXPECT_EQ(printer.jobs().at(1).state, JobState::Canceled);
}

TEST_F(IppDriver, ADeviceThatNamesNoOperationsGetsPrintJob) {
  FakeIppPrinter printer(false);
  EXPECT_EQ(deliver(printer, one()).outcome, Outcome::Delivered);
  EXPECT_EQ(printer.count(Operation::PrintJob), 1);
  EXPECT_EQ(printer.count(Operation::CreateJob), 0);
  ASSERT_EQ(noted_.size(), 1U);
}

TEST_F(IppDriver, CreateJobThatIsListedAndMissingFallsBackToPrintJob) {
  FakeIppPrinter printer;
  printer.answer_status(Operation::CreateJob, Status::OperationNotSupported);
  EXPECT_EQ(deliver(printer, one()).outcome, Outcome::Delivered);
  EXPECT_EQ(printer.count(Operation::PrintJob), 1);
}

// --- doubt ---------------------------------------------------------------------------------------

TEST_F(IppDriver, B13_ALostReplyIsAskedForAndNothingIsSentAgain) {
  FakeIppPrinter printer;
  printer.rule([](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation == Operation::SendDocument) return FakeIppPrinter::lost();
    return std::nullopt;
  });
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(printer.count(Operation::SendDocument), 1);
  EXPECT_EQ(printer.printed().size(), 1U);
}

TEST_F(IppDriver, B13_UnreadableRepliesToADocumentAreAskedForToo) {
  for (const std::string raw :
       {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "nonsense\r\n\r\n"}) {
    FakeIppPrinter printer;
    driver_.reset();
    printer.rule([raw](const Asked& asked) -> std::optional<Reaction> {
      if (asked.operation != Operation::SendDocument) return std::nullopt;
      return Reaction{Reaction::Kind::Raw, raw};
    });
    // The fake does its work only for what is lost: the job waits there for the document.
    const auto result = deliver(printer, one());
    EXPECT_EQ(result.outcome, Outcome::JobFailed) << raw << result.text;
    EXPECT_EQ(printer.count(Operation::SendDocument), 1) << raw;
    EXPECT_GE(printer.count(Operation::GetJobAttributes), 1) << raw;
    EXPECT_EQ(printer.jobs().at(1).state, JobState::Canceled) << raw;
  }
}

TEST_F(IppDriver, B13_ABreakInTheDocumentLeavesNoHalfMadeJobAndIsTold) {
  FakeIppPrinter printer;
  printer.break_within(Operation::SendDocument, 400'000);
  const auto result = deliver(printer, one(std::string(30'000'000, 'x')));
  EXPECT_EQ(result.outcome, Outcome::JobFailed) << result.text;
  EXPECT_TRUE(result.may_be_there);
  EXPECT_EQ(printer.jobs().at(1).state, JobState::Canceled);
  ASSERT_EQ(noted_.size(), 2U);
  EXPECT_EQ(noted_[1].id, 0);  // the device has none of it any more
}

TEST_F(IppDriver, B13_PrintJobWithALostReplyIsFoundByItsName) {
  FakeIppPrinter printer(false);
  printer.put({.name = "report", .user = "alice", .state = JobState::Completed, .created = 10});
  printer.rule([](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation == Operation::PrintJob) return FakeIppPrinter::lost();
    return std::nullopt;
  });
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(printer.count(Operation::PrintJob), 1);
  ASSERT_EQ(noted_.size(), 1U);
  EXPECT_EQ(noted_[0].id, 2);  // not the older one of the same name
}

// Twice the same document, and the reply to the second is lost with the job: the first is no proof.
TEST_F(IppDriver, B13_AnEarlierJobOfTheSameNameIsNotTakenForALostOne) {
  FakeIppPrinter printer(false);
  EXPECT_EQ(deliver(printer, one(std::string(30'000'000, 'x'))).outcome, Outcome::Delivered);
  printer.break_within(Operation::PrintJob, 400'000);
  const auto result = deliver(printer, one(std::string(30'000'000, 'x')));
  EXPECT_EQ(result.outcome, Outcome::JobFailed) << result.text;
}

TEST_F(IppDriver, B13_PrintJobWithALostReplyAtADeviceThatCannotBeAskedIsDoubtful) {
  FakeIppPrinter printer(false);
  printer.answer_status(Operation::GetJobs, Status::OperationNotSupported);
  printer.rule([](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation == Operation::PrintJob) return FakeIppPrinter::lost();
    return std::nullopt;
  });
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Doubtful) << result.text;
  EXPECT_TRUE(result.may_be_there);
  EXPECT_EQ(printer.count(Operation::PrintJob), 1);
}

TEST_F(IppDriver, B13_PrintJobThatTheDeviceDoesNotHaveMayBeSentAgain) {
  FakeIppPrinter printer(false);
  printer.put({.name = "other", .user = "bob", .state = JobState::Completed, .created = 990});
  printer.break_within(Operation::PrintJob, 400'000);
  const auto result = deliver(printer, one(std::string(30'000'000, 'x')));
  EXPECT_EQ(result.outcome, Outcome::JobFailed) << result.text;
  EXPECT_TRUE(result.may_be_there);
  EXPECT_GE(printer.count(Operation::GetJobs), 1);
}

TEST_F(IppDriver, B13_ALateReplyIsAskedForOnASecondConnection) {
  FakeIppPrinter printer;
  printer.rule([](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation == Operation::SendDocument) return FakeIppPrinter::silent();
    return std::nullopt;
  });
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(printer.count(Operation::SendDocument), 1);
  EXPECT_TRUE(said("has the whole document and has not answered"));
}

TEST_F(IppDriver, B13_ALateReplyToPrintJobIsAskedForByName) {
  FakeIppPrinter printer(false);
  printer.rule([](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation == Operation::PrintJob) return FakeIppPrinter::silent();
    return std::nullopt;
  });
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(printer.count(Operation::PrintJob), 1);
}

// --- earlier attempts ------------------------------------------------------------------------------

TEST_F(IppDriver, B13_AJobThatTheDeviceStillHasIsFollowedAndNotSentAgain) {
  FakeIppPrinter printer;
  auto job = one();
  job.earlier.device_job = printer.put({.name = "report",
                                        .user = "alice",
                                        .state = JobState::Completed,
                                        .documents = {"content"},
                                        .created = 900});
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(printer.count(Operation::CreateJob) + printer.count(Operation::PrintJob), 0);
}

TEST_F(IppDriver, B13_AHalfMadeJobOfAnEarlierAttemptIsCancelledAndMadeAnew) {
  FakeIppPrinter printer;
  auto job = one();
  job.earlier.device_job = printer.put(
      {.name = "report", .user = "alice", .state = JobState::Pending, .incoming = true});
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(printer.jobs().at(1).state, JobState::Canceled);
  EXPECT_EQ(printer.printed().size(), 1U);
}

TEST_F(IppDriver, B13_AJobForgottenByARestartedDeviceIsDoubtfulAndNotPrinted) {
  FakeIppPrinter printer;
  auto job = one();
  job.earlier = {.device_job = 7, .device_up = started_long_ago(), .may_be_there = true};
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::Doubtful) << result.text;
  EXPECT_NE(result.text.find("restarted"), std::string::npos) << result.text;
  EXPECT_EQ(printer.count(Operation::CreateJob), 0);
}

TEST_F(IppDriver, B13_AJobForgottenByADeviceThatWasNotRestartedIsDelivered) {
  FakeIppPrinter printer;
  printer.rule([&](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation != Operation::GetJobAttributes) return std::nullopt;
    return FakeIppPrinter::reply(ipp::Message::reply(Status::NotFound, asked.message.header));
  });
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
}

TEST_F(IppDriver, B13_WhatMayBeThereIsLookedForByNameBeforeItIsSent) {
  FakeIppPrinter printer(false);
  printer.hold_jobs(true);
  const auto id = printer.put({.name = "report", .user = "alice", .documents = {"content"}});
  auto job = one();
  job.earlier.may_be_there = true;
  on_noted_ = [&] { printer.finish(id, JobState::Completed); };
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(printer.count(Operation::PrintJob), 0);
}

TEST_F(IppDriver, B13_WhatMayBeThereAndCannotBeToldIsDoubtful) {
  FakeIppPrinter printer(false);
  auto job = one();
  job.earlier.may_be_there = true;
  // Another job of the same name has ended; which one it was nobody can say.
  printer.put({.name = "report", .user = "alice", .state = JobState::Completed});
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::Doubtful) << result.text;
  EXPECT_EQ(printer.count(Operation::PrintJob), 0);
}

TEST_F(IppDriver, B13_AnEarlierJobAtADeviceThatIsAwayStaysThere) {
  auto job = one();
  job.earlier = {.device_job = 7, .device_up = 0, .may_be_there = true};
  const auto driver =
      make_ipp_driver(parse_uri("ipp://127.0.0.1:9/"), {}, {pool_.get_executor(), {}}, patience_);
  const auto result = run(*driver, job);
  EXPECT_EQ(result.outcome, Outcome::DeviceAway) << result.text;
  EXPECT_TRUE(result.may_be_there);
}

// --- cancel and stop --------------------------------------------------------------------------------

TEST_F(IppDriver, AStopLeavesTheDevicePrinting) {
  FakeIppPrinter printer;
  printer.hold_jobs(true);
  on_waiting_ = [&] { cancellation_.stop(); };
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Left) << result.text;
  EXPECT_EQ(printer.count(Operation::CancelJob), 0);
  EXPECT_EQ(printer.jobs().at(1).state, JobState::Processing);
}

TEST_F(IppDriver, AStopWithinTheDocumentLeavesNoHalfMadeJob) {
  FakeIppPrinter printer;
  progress_.sent = [&](std::uint64_t) { cancellation_.stop(); };
  const auto result = deliver(printer, one(std::string(30'000'000, 'x')));
  EXPECT_EQ(result.outcome, Outcome::Left) << result.text;
  EXPECT_EQ(printer.jobs().at(1).state, JobState::Canceled);
  ASSERT_FALSE(noted_.empty());
  EXPECT_EQ(noted_.back().id, 0);
}

TEST_F(IppDriver, ACancelEndsTheJobThereToo) {
  FakeIppPrinter printer;
  printer.hold_jobs(true);
  on_waiting_ = [&] { cancellation_.cancel(); };
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Canceled) << result.text;
  EXPECT_EQ(printer.jobs().at(1).state, JobState::Canceled);
}

TEST_F(IppDriver, ACancelWhileTheReplyIsAwaitedEndsTheJobThere) {
  FakeIppPrinter printer;
  printer.hold_jobs(true);
  printer.rule([](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation == Operation::SendDocument) return FakeIppPrinter::silent();
    return std::nullopt;
  });
  on_waiting_ = [&] { cancellation_.cancel(); };
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Canceled) << result.text;
  EXPECT_EQ(printer.jobs().at(1).state, JobState::Canceled);
}

TEST_F(IppDriver, WhatSomebodyCancelsAtTheDeviceIsCanceledHere) {
  FakeIppPrinter printer;
  printer.hold_jobs(true);
  on_waiting_ = [&] { printer.finish(1, JobState::Canceled); };
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::Canceled) << result.text;
  EXPECT_EQ(result.job_reasons.front(), "job-canceled-at-device");
}

TEST_F(IppDriver, WhatTheDeviceAbortsIsRefusedWithItsReasons) {
  FakeIppPrinter printer;
  printer.hold_jobs(true);
  on_waiting_ = [&] { printer.finish(1, JobState::Aborted, {"document-format-error"}); };
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::JobRefused) << result.text;
  EXPECT_EQ(result.job_reasons, std::vector<std::string>{"document-format-error"});
}

TEST_F(IppDriver, WhyAJobStandsAtTheDeviceIsTold) {
  FakeIppPrinter printer;
  printer.hold_jobs(true);
  int seen = 0;
  on_waiting_ = [&] {
    if (++seen == 1) printer.finish(1, JobState::ProcessingStopped, {"media-empty"});
    if (seen == 2) printer.finish(1, JobState::Completed);
  };
  EXPECT_EQ(deliver(printer, one()).outcome, Outcome::Delivered);
  EXPECT_TRUE(said("processing-stopped"));
}

// --- watching ---------------------------------------------------------------------------------------

TEST_F(IppDriver, AFinalRefusalToTellEndsTheWatch) {
  for (const auto status : {Status::OperationNotSupported, Status::NotPossible, Status::BadRequest,
                            Status::Forbidden, Status::NotAuthorized, Status::InternalError}) {
    FakeIppPrinter printer;
    driver_.reset();
    printer.answer_status(Operation::GetJobAttributes, status);
    const auto result = deliver(printer, one());
    EXPECT_EQ(result.outcome, Outcome::Sent) << result.text;
    EXPECT_EQ(printer.count(Operation::SendDocument), 1);
    EXPECT_LE(printer.count(Operation::GetJobAttributes), 5);
  }
}

TEST_F(IppDriver, RepliesToTheWatchThatCannotBeReadEndIt) {
  FakeIppPrinter printer;
  patience_.beside = std::chrono::minutes(1);  // on a slow machine too nobody asks beside
  printer.rule([](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation != Operation::GetJobAttributes) return std::nullopt;
    return Reaction{Reaction::Kind::Raw, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"};
  });
  EXPECT_EQ(deliver(printer, one()).outcome, Outcome::Sent);
  EXPECT_EQ(printer.count(Operation::GetJobAttributes), 5);
}

TEST_F(IppDriver, AJobWithoutAStateIsNotWatchedForEver) {
  FakeIppPrinter printer;
  printer.rule([](const Asked& asked) -> std::optional<Reaction> {
    if (asked.operation != Operation::GetJobAttributes) return std::nullopt;
    auto answer = ipp::Message::reply(Status::Ok, asked.message.header);
    answer.add_group(ipp::GroupTag::Job).add_integer("job-id", 1);
    return FakeIppPrinter::reply(answer);
  });
  EXPECT_EQ(deliver(printer, one()).outcome, Outcome::Sent);
  EXPECT_EQ(printer.count(Operation::GetJobAttributes), 5);
}

TEST_F(IppDriver, ABusyDeviceIsAskedAgainAndIsAwayInTheEnd) {
  FakeIppPrinter printer;
  printer.answer_status(Operation::GetJobAttributes, Status::Busy);
  const auto result = deliver(printer, one());
  EXPECT_EQ(result.outcome, Outcome::DeviceAway) << result.text;
  EXPECT_TRUE(result.may_be_there);
  EXPECT_GT(printer.count(Operation::GetJobAttributes), 3);
}

// --- other devices ------------------------------------------------------------------------------------

TEST_F(IppDriver, OlderVersionsAreSpokenAndRemembered) {
  for (const ipp::Version version : {ipp::Version{1, 1}, ipp::Version{1, 0}}) {
    FakeIppPrinter printer;
    driver_.reset();
    printer.rule([version](const Asked& asked) -> std::optional<Reaction> {
      if (asked.message.header.version == version) return std::nullopt;
      auto refusal = ipp::Message::reply(Status::VersionNotSupported, asked.message.header);
      refusal.header.version = version;
      return FakeIppPrinter::reply(refusal);
    });
    EXPECT_EQ(deliver(printer, one()).outcome, Outcome::Delivered);
    EXPECT_EQ(deliver(printer, one()).outcome, Outcome::Delivered);
    int wrong = 0;
    for (const auto& asked : printer.asked())
      wrong += asked.message.header.version == version ? 0 : 1;
    EXPECT_EQ(wrong, 1);
  }
}

TEST_F(IppDriver, AVersionThatNobodySpeaksEndsTheTries) {
  FakeIppPrinter printer;
  printer.rule([](const Asked& asked) -> std::optional<Reaction> {
    return FakeIppPrinter::reply(
        ipp::Message::reply(Status::VersionNotSupported, asked.message.header));
  });
  EXPECT_EQ(deliver(printer, one()).outcome, Outcome::DeviceAway);
  EXPECT_EQ(printer.asked().size(), 3U);  // 2.0, 1.1, 1.0
}

TEST_F(IppDriver, ADeviceThatKnowsNoExpectGetsNone) {
  FakeIppPrinter printer;
  printer.refuse_expect = true;
  EXPECT_EQ(deliver(printer, one(std::string(300'000, 'x'))).outcome, Outcome::Delivered);
  EXPECT_EQ(deliver(printer, one()).outcome, Outcome::Delivered);
  EXPECT_EQ(printer.printed().size(), 2U);
}

TEST_F(IppDriver, CopiesThatADeviceLacksAreMadeHere) {
  for (const bool modern : {true, false}) {
    FakeIppPrinter printer(modern);
    driver_.reset();
    printer.makes_copies = false;
    auto job = assignment({document("content")}, 3);
    job.job_template.add_integer("copies", 3);
    EXPECT_EQ(deliver(printer, job).outcome, Outcome::Delivered);
    EXPECT_EQ(printer.printed().size(), 3U) << modern;
  }
}

TEST_F(IppDriver, CopiesThatADeviceMakesAreAskedForOnce) {
  FakeIppPrinter printer;
  auto job = assignment({document("content")}, 3);
  job.job_template.add_integer("copies", 3);
  EXPECT_EQ(deliver(printer, job).outcome, Outcome::Delivered);
  ASSERT_EQ(printer.count(Operation::CreateJob), 1);
  const auto asked = printer.asked(Operation::CreateJob);
  EXPECT_EQ(asked[0].message.find_group(ipp::GroupTag::Job)->find_integer("copies"), 3);
}

TEST_F(IppDriver, SeveralDocumentsAreOneJobOrAsManyAsTheDeviceNeeds) {
  for (const bool one_document : {false, true}) {
    FakeIppPrinter printer;
    driver_.reset();
    printer.one_document = one_document;
    EXPECT_EQ(deliver(printer, assignment({document("one"), document("two", 2)})).outcome,
              Outcome::Delivered);
    EXPECT_EQ(printer.jobs().size(), one_document ? 2U : 1U);
    EXPECT_EQ(printer.printed(), (std::vector<std::string>{"one", "two"}));
  }
}

TEST_F(IppDriver, SeveralDocumentsAtADeviceThatKnowsOnlyPrintJobAreJobsOfTheirOwn) {
  FakeIppPrinter printer(false);
  printer.answer_status(Operation::CreateJob, Status::OperationNotSupported);
  EXPECT_EQ(deliver(printer, assignment({document("one"), document("two", 2)})).outcome,
            Outcome::Delivered);
  EXPECT_EQ(printer.printed(), (std::vector<std::string>{"one", "two"}));
}

TEST_F(IppDriver, NoControlCharacterReachesADevice) {
  FakeIppPrinter printer;
  auto job = assignment({document("x", 1, "pa\x1bge\x13.pdf")});
  job.job_name =
      "Wiki\x13pedia\n\x1b"
      "E";
  job.owner = "an\x13na";
  job.job_template.add_keyword("media", "na_letter\x07");
  EXPECT_EQ(deliver(printer, job).outcome, Outcome::Delivered);
  for (const auto& asked : printer.asked()) {
    for (const auto& group : asked.message.groups) {
      for (const auto& attribute : group.attributes) {
        for (const auto& value : attribute.values) {
          const auto text = value.find_text().value_or("");
          EXPECT_TRUE(std::none_of(text.begin(), text.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20;
          })) << attribute.name;
        }
      }
    }
  }
}

TEST_F(IppDriver, APinNeverGoesOutInPlaintext) {
  FakeIppPrinter printer;
  auto job = one();
  job.operation_attributes.add_octets("job-password", "4711");
  const auto result = deliver(printer, job);
  EXPECT_EQ(result.outcome, Outcome::JobRefused);
  EXPECT_NE(result.text.find("ipps://"), std::string::npos) << result.text;
  EXPECT_TRUE(printer.asked().empty());
}

TEST_F(IppDriver, OtherOperationAttributesGoWithTheJob) {
  FakeIppPrinter printer;
  auto job = one();
  job.operation_attributes.add_boolean("ipp-attribute-fidelity", true);
  EXPECT_EQ(deliver(printer, job).outcome, Outcome::Delivered);
  const auto asked = printer.asked(Operation::CreateJob);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].message.groups.front().find_boolean("ipp-attribute-fidelity"), true);
}

// --- refusals ------------------------------------------------------------------------------------------

TEST_F(IppDriver, WhatOneJobDidWrongIsItsOwnFailureAndTheNextPrints) {
  for (const auto& [status, outcome] : std::vector<std::pair<Status, Outcome>>{
           {Status::InternalError, Outcome::JobFailed},
           {Status::Forbidden, Outcome::JobFailed},
           {Status::NotAuthenticated, Outcome::JobFailed},
           {Status::NotAuthorized, Outcome::JobFailed},
           {Status::NotPossible, Outcome::JobFailed},
           {Status::DocumentFormatNotSupported, Outcome::JobRefused},
           {Status::JobCanceled, Outcome::Canceled},
           {Status::Busy, Outcome::DeviceAway},
           {Status::NotAcceptingJobs, Outcome::DeviceAway}}) {
    FakeIppPrinter printer;
    driver_.reset();
    printer.rule([answer = status](const Asked& asked) -> std::optional<Reaction> {
      if (asked.operation != Operation::SendDocument || asked.document != "poison")
        return std::nullopt;
      return FakeIppPrinter::reply(ipp::Message::reply(answer, asked.message.header));
    });
    const auto result = deliver(printer, one("poison"));
    EXPECT_EQ(result.outcome, outcome) << result.text;
    EXPECT_EQ(deliver(printer, one("good")).outcome, Outcome::Delivered);
    EXPECT_EQ(printer.printed(), std::vector<std::string>{"good"});
  }
}

TEST_F(IppDriver, HttpRefusalsNameTheMend) {
  for (const auto& [answer, words] : std::vector<std::pair<std::string, std::string>>{
           {"426 Upgrade Required\r\nUpgrade: TLS/1.2", "--to ipps://127.0.0.1"},
           {"301 Moved Permanently\r\nLocation: ipp://other/ipp", "ipp://other/ipp"},
           {"401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"", "--credentials"},
           {"404 Not Found", "--to ADDRESS"}}) {
    FakeIppPrinter printer;
    driver_.reset();
    printer.rule([text = answer](const Asked&) -> std::optional<Reaction> {
      return FakeIppPrinter::http(text);
    });
    const auto result = deliver(printer, one());
    EXPECT_EQ(result.outcome, Outcome::DeviceAway) << result.text;
    EXPECT_NE(result.text.find(words), std::string::npos) << result.text;
  }
}

TEST_F(IppDriver, ADamagedDocumentOfOursEndsThatJobThereToo) {
  FakeIppPrinter printer;
  Document damaged = document("short");
  damaged.bytes = 50;
  const auto result = deliver(printer, assignment({damaged}));
  EXPECT_EQ(result.outcome, Outcome::JobRefused) << result.text;
  EXPECT_TRUE(printer.printed().empty());
  EXPECT_EQ(printer.jobs().at(1).state, JobState::Canceled);
}

// --- describing -----------------------------------------------------------------------------------------

TEST_F(IppDriver, DescribesTheDeviceWithoutWhatIsNotForClients) {
  FakeIppPrinter printer;
  printer.attributes().add_boolean("color-supported", true);
  printer.attributes().add_text("printer-make-and-model", "Laser\x1b[31m \xff 5");
  printer.attributes().add_enum("printer-state", 5);
  printer.attributes().add_keyword("printer-state-reasons", "media-empty");
  printer.attributes().add_uri("printer-uri-supported", "ipp://10.0.0.9/ipp/print");
  printer.attributes().add_name("printer-name", "HP");
  const auto driver =
      make_ipp_driver(parse_uri(printer.uri()), {}, {pool_.get_executor(), {}}, patience_);
  boost::asio::io_context context;
  auto done =
      boost::asio::co_spawn(context, driver->describe(cancellation_), boost::asio::use_future);
  context.run();
  const auto description = done.get();
  ASSERT_TRUE(description);
  EXPECT_TRUE(description->capabilities.contains("color-supported"));
  EXPECT_EQ(description->capabilities.find_text("printer-make-and-model"),
            "Laser [31m \xEF\xBF\xBD 5");
  EXPECT_FALSE(description->capabilities.contains("printer-uri-supported"));
  EXPECT_FALSE(description->capabilities.contains("operations-supported"));
  EXPECT_FALSE(description->capabilities.contains("printer-name"));
  EXPECT_EQ(description->state.find_text("printer-state-reasons"), "media-empty");
  EXPECT_GT(description->device_up, 0U);
}

TEST_F(IppDriver, ADeviceThatDoesNotDescribeItselfIsAnError) {
  FakeIppPrinter printer;
  printer.answer_status(Operation::GetPrinterAttributes, Status::Forbidden);
  const auto driver =
      make_ipp_driver(parse_uri(printer.uri()), {}, {pool_.get_executor(), {}}, patience_);
  boost::asio::io_context context;
  auto done =
      boost::asio::co_spawn(context, driver->describe(cancellation_), boost::asio::use_future);
  context.run();
  EXPECT_THROW(done.get(), Error);
}

}  // namespace
}  // namespace ipm::output::test
