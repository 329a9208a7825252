// Who may do what (B4): every operation for every kind of caller, against one table written by hand.
// An operation that is carried out and has no row here fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "../house.h"
#include "print/operations/table.h"

namespace ipm::print {
namespace {

using ipp::GroupTag;
using ipp::JobState;
using ipp::Operation;
using ipp::Status;
using test::House;

// The job belongs to the certificate "alice" of CA 1.
enum Who {
  Stranger = 1,
  SameNameClaimed = 2,
  SameNameLocal = 4,
  SameNameOtherCa = 8,
  TheOwner = 16,
  AnOperator = 32,
  AnAdministrator = 64,
};
constexpr int kEverybody = 127;
constexpr int kOwnerAndUp = TheOwner | AnOperator | AnAdministrator;
constexpr int kOperatorAndUp = AnOperator | AnAdministrator;

// Which of them are not refused as unauthorised.
const std::map<Operation, int>& allowed() {
  static const std::map<Operation, int> rows = {
      {Operation::PrintJob, kEverybody},
      {Operation::ValidateJob, kEverybody},
      {Operation::CreateJob, kEverybody},
      {Operation::SendDocument, kOwnerAndUp},
      {Operation::CancelJob, kOwnerAndUp},
      {Operation::GetJobAttributes, kEverybody},
      {Operation::GetJobs, kEverybody},
      {Operation::GetPrinterAttributes, kEverybody},
      {Operation::HoldJob, kOwnerAndUp},
      {Operation::ReleaseJob, kOwnerAndUp},
      {Operation::PausePrinter, kOperatorAndUp},
      {Operation::ResumePrinter, kOperatorAndUp},
      {Operation::PurgeJobs, kOperatorAndUp},
      {Operation::SetJobAttributes, kOwnerAndUp},
      {Operation::EnablePrinter, kOperatorAndUp},
      {Operation::DisablePrinter, kOperatorAndUp},
      {Operation::CancelJobs, kOperatorAndUp},
      {Operation::CancelMyJobs, kEverybody},
      {Operation::CloseJob, kOwnerAndUp},
      {Operation::GetSystemAttributes, kEverybody},
      {Operation::CupsGetDefault, kEverybody},
      {Operation::CupsGetPrinters, kEverybody},
      {Operation::CupsAddModifyPrinter, AnAdministrator},
      {Operation::CupsDeletePrinter, AnAdministrator},
      {Operation::CupsGetClasses, kEverybody},
      {Operation::CupsAcceptJobs, kOperatorAndUp},
      {Operation::CupsRejectJobs, kOperatorAndUp},
      {Operation::CupsSetDefault, AnAdministrator},
  };
  return rows;
}

class Trial {
 public:
  Trial()
      : house_([](ServiceOptions& options) {
          options.policy.access.operators = {"olga"};
          options.policy.access.administrators = {"admin.example.com"};
        }) {
    house_.add_printer("office");
    pause();
  }

  void become(Who who) {
    house_.user = "alice";
    switch (who) {
      case Stranger:
        house_.become_certified("mallory", 1);
        break;
      case SameNameClaimed:
        house_.become(std::nullopt);
        break;
      case SameNameLocal:
        house_.become(os::LocalUser{1000, 1000, "alice"});
        break;
      case SameNameOtherCa:
        house_.become_certified("alice", 2);
        break;
      case TheOwner:
        house_.become_certified("alice", 1);
        break;
      case AnOperator:
        house_.become_certified("olga", 1);
        break;
      case AnAdministrator:
        house_.become_certified("admin.example.com", 1);
        break;
    }
  }

  // A job of alice's that waits for its documents, and can be released, held, closed and cancelled.
  int make_job() {
    become(TheOwner);
    const auto reply = house_.ask(house_.request(Operation::CreateJob));
    return *reply.find_group(GroupTag::Job)->find_integer("job-id");
  }

  Status try_it(Operation operation, Who who) {
    const bool makes = operation == Operation::CupsAddModifyPrinter;
    if (operation == Operation::CupsDeletePrinter && !house_.manager().find_printer("other"))
      house_.add_printer("other");
    const int job = make_job();
    become(who);
    auto request = house_.request(operation, makes ? fresh_name()
                                             : operation == Operation::CupsDeletePrinter
                                                 ? std::string("other")
                                                 : std::string("office"));
    auto& attributes = request.groups.front();
    attributes.add_integer("job-id", job);
    attributes.add_boolean("last-document", true);
    if (makes) {
      request.add_group(GroupTag::Printer)
          .add_uri("device-uri", "file://" + (house_.folder / "out").string() + "/");
    } else if (operation == Operation::SetJobAttributes) {
      request.add_group(GroupTag::Job).add_integer("job-priority", 99);
    }
    const Status status = house_.ask(request, "%PDF-1.4").status();
    pause();
    return status;
  }

  House& house() { return house_; }

 private:
  std::string fresh_name() { return "new-" + std::to_string(++names_); }
  void pause() {
    house_.become_administrator();
    house_.ask(house_.request(Operation::PausePrinter));
    house_.ask(house_.request(Operation::EnablePrinter));
  }

  House house_;
  int names_ = 0;
};

TEST(Authorisation, B4_EveryOperationForEveryKindOfCaller) {
  Trial trial;
  for (const OperationRow& row : operation_rows()) {
    const auto expected = allowed().find(row.operation);
    ASSERT_NE(expected, allowed().end())
        << ipp::operation_label(static_cast<std::uint16_t>(row.operation)) << " has no row here";
    for (const Who who : {Stranger, SameNameClaimed, SameNameLocal, SameNameOtherCa, TheOwner,
                          AnOperator, AnAdministrator}) {
      const Status status = trial.try_it(row.operation, who);
      const auto told = ipp::operation_label(static_cast<std::uint16_t>(row.operation));
      if ((expected->second & who) != 0) {
        EXPECT_TRUE(ipp::is_successful(status))
            << told << " by " << who << ": " << ipp::status_name(status);
      } else {
        EXPECT_EQ(status, Status::NotAuthorized) << told << " by " << who;
      }
    }
  }
}

TEST(Authorisation, EveryRowHereIsCarriedOut) {
  for (const auto& [operation, who] : allowed()) {
    EXPECT_NE(find_operation_row(static_cast<std::uint16_t>(operation)), nullptr)
        << ipp::operation_label(static_cast<std::uint16_t>(operation));
  }
}

// A refused operation has done nothing: the status of a refusal proves little by itself.
TEST(Authorisation, B4_ARefusedOperationLeavesTheJobAsItWas) {
  Trial trial;
  const int id = trial.make_job();
  for (const auto operation :
       {Operation::SendDocument, Operation::CancelJob, Operation::HoldJob, Operation::ReleaseJob,
        Operation::SetJobAttributes, Operation::CloseJob}) {
    for (const Who who : {Stranger, SameNameClaimed, SameNameLocal, SameNameOtherCa}) {
      trial.become(who);
      auto request = trial.house().job_request(operation, id);
      request.groups.front().add_boolean("last-document", true);
      if (operation == Operation::SetJobAttributes)
        request.add_group(GroupTag::Job).add_integer("job-priority", 99);
      EXPECT_EQ(trial.house().ask(request, "%PDF-1.4").status(), Status::NotAuthorized);
      const auto job = trial.house().job(id);
      ASSERT_TRUE(job);
      EXPECT_EQ(job->state, JobState::PendingHeld);
      EXPECT_TRUE(job->incoming);
      EXPECT_TRUE(job->documents.empty());
      EXPECT_EQ(job->priority, 50);
    }
  }
}

TEST(Authorisation, B4_OwnJobsAreThoseOfTheWholeIdentity) {
  Trial trial;
  const int id = trial.make_job();
  for (const Who who : {Stranger, SameNameClaimed, SameNameLocal, SameNameOtherCa}) {
    trial.become(who);
    auto cancel = trial.house().request(Operation::CancelMyJobs);
    EXPECT_TRUE(ipp::is_successful(trial.house().ask(cancel).status()));
    cancel.groups.front().add_integer("job-ids", id);
    EXPECT_EQ(trial.house().ask(cancel).status(), Status::NotFound);
    auto some = trial.house().request(Operation::CancelJobs);
    some.groups.front().add_boolean("my-jobs", true);
    EXPECT_TRUE(ipp::is_successful(trial.house().ask(some).status()));
    auto list = trial.house().request(Operation::GetJobs);
    list.groups.front().add_boolean("my-jobs", true);
    EXPECT_EQ(trial.house().ask(list).find_group(GroupTag::Job), nullptr) << who;
    EXPECT_FALSE(trial.house().job(id)->finished()) << who;
  }
  trial.become(TheOwner);
  EXPECT_EQ(trial.house().ask(trial.house().request(Operation::CancelMyJobs)).status(), Status::Ok);
  EXPECT_TRUE(trial.house().job(id)->finished());
}

// As `cancel -u alice` asks it.
TEST(Authorisation, B4_OnlyAnOperatorCancelsAUsersJobsByName) {
  Trial trial;
  const int id = trial.make_job();
  auto cancel = trial.house().request(Operation::CancelMyJobs);
  cancel.groups.front().add_boolean("my-jobs", true);
  trial.become(Stranger);
  EXPECT_EQ(trial.house().ask(cancel).status(), Status::Ok);
  EXPECT_FALSE(trial.house().job(id)->finished());
  trial.become(AnOperator);
  auto other = cancel;
  other.groups.front().remove("requesting-user-name");
  other.groups.front().add_name("requesting-user-name", "bob");
  EXPECT_EQ(trial.house().ask(other).status(), Status::Ok);
  EXPECT_FALSE(trial.house().job(id)->finished());
  EXPECT_EQ(trial.house().ask(cancel).status(), Status::Ok);
  EXPECT_TRUE(trial.house().job(id)->finished());
}

TEST(Authorisation, B3_TheOwnerOutlivesTheServerWhole) {
  Trial trial;
  const int id = trial.make_job();
  const auto before = trial.house().job(id)->owner;
  EXPECT_EQ(before.kind, access::OwnerKind::Certificate);
  EXPECT_EQ(before.issuer.size(), 64U);
  trial.house().reopen();
  EXPECT_EQ(trial.house().job(id)->owner, before);
}

}  // namespace
}  // namespace ipm::print
