#include "print/service.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "base/files.h"
#include "house.h"
#include "ipp/compression.h"
#include "print/limits.h"

namespace ipm::print {
namespace {

using ipp::GroupTag;
using ipp::JobState;
using ipp::Operation;
using ipp::Status;
using test::House;

std::string status_of(const ipp::Message& reply) {
  return std::string(ipp::status_name(reply.status()));
}

std::set<std::string> names_in(const ipp::Message& reply, GroupTag tag) {
  std::set<std::string> names;
  if (const auto* group = reply.find_group(tag)) {
    for (const auto& attribute : group->attributes)
      EXPECT_TRUE(names.insert(attribute.name).second) << attribute.name;
  }
  return names;
}

std::vector<std::string> printed(const House& house) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(house.folder / "out")) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string gzip(const std::string& text) {
  ipp::Deflater deflater(ipp::Compression::Gzip);
  std::span<const unsigned char> input(reinterpret_cast<const unsigned char*>(text.data()),
                                       text.size());
  std::string out;
  std::vector<unsigned char> buffer(4096);
  while (const auto written = deflater.step(input, buffer))
    out.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(written));
  while (const auto written = deflater.finish(buffer))
    out.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(written));
  return out;
}

TEST(Service, B1_APrintedDocumentArrivesByteForByte) {
  House house;
  house.add_printer("office");
  std::string document = "%PDF-1.4 ";
  for (int i = 0; i < 200'000; ++i) document += static_cast<char>(i * 7);
  auto request = house.request(Operation::PrintJob);
  request.groups.front().add_name("document-name", "../../etc/quarterly report.pdf");
  const auto reply = house.ask(request, document, 1000);
  ASSERT_EQ(reply.status(), Status::Ok);
  const int id = *reply.find_group(GroupTag::Job)->find_integer("job-id");
  const Job job = house.wait_for(id, JobState::Completed);
  EXPECT_EQ(job.owner.name, "alice");
  EXPECT_EQ(job.documents.front().format, "application/pdf");
  const auto name = fmt::format("job-{}-1-quarterly_report.pdf", id);
  EXPECT_EQ(printed(house), std::vector<std::string>{name});
  EXPECT_EQ(read_file(house.folder / "out" / name), document);
}

TEST(Service, RequestsArriveInPiecesOfAnySize) {
  House house;
  house.add_printer("office");
  for (const std::size_t piece : {1U, 7U, 64U}) {
    const auto reply = house.ask(house.request(Operation::PrintJob), "text to print", piece);
    EXPECT_EQ(reply.status(), Status::Ok);
    house.wait_for(*reply.find_group(GroupTag::Job)->find_integer("job-id"), JobState::Completed);
  }
}

TEST(Service, CompressedDocumentsAreUnpacked) {
  House house;
  house.add_printer("office");
  auto request = house.request(Operation::PrintJob);
  request.groups.front().add_keyword("compression", "gzip");
  const std::string text(100'000, 'x');
  const auto reply = house.ask(request, gzip(text), 100);
  ASSERT_EQ(reply.status(), Status::Ok);
  house.wait_for(*reply.find_group(GroupTag::Job)->find_integer("job-id"), JobState::Completed);
  EXPECT_EQ(read_file(house.folder / "out" / printed(house).front()), text);

  EXPECT_EQ(status_of(house.ask(request, "this is no gzip")), "client-error-compression-error");
  EXPECT_EQ(status_of(house.ask(request, gzip(text).substr(0, 40))),
            "client-error-compression-error");
  auto unknown = house.request(Operation::PrintJob);
  unknown.groups.front().add_keyword("compression", "brotli");
  EXPECT_EQ(status_of(house.ask(unknown, "x")), "client-error-compression-not-supported");
}

TEST(Service, SeveralDocumentsMakeOneJob) {
  House house;
  house.add_printer("office");
  const auto created = house.ask(house.request(Operation::CreateJob));
  const int id = *created.find_group(GroupTag::Job)->find_integer("job-id");
  EXPECT_EQ(house.job(id)->state, JobState::PendingHeld);
  auto send = house.job_request(Operation::SendDocument, id);
  EXPECT_EQ(status_of(house.ask(send, "one")), "client-error-bad-request")
      << "last-document is missing";
  send.groups.front().add_boolean("last-document", false);
  EXPECT_EQ(house.ask(send, "one").status(), Status::Ok);
  EXPECT_EQ(house.job(id)->state, JobState::PendingHeld);
  auto last = house.job_request(Operation::SendDocument, id);
  last.groups.front().add_boolean("last-document", true);
  EXPECT_EQ(house.ask(last, "two").status(), Status::Ok);
  house.wait_for(id, JobState::Completed);
  EXPECT_EQ(printed(house).size(), 2U);
  EXPECT_EQ(status_of(house.ask(last, "three")), "client-error-not-possible");
}

TEST(Service, CloseJobPrintsWhatIsThereAndAbortsAnEmptyJob) {
  House house;
  house.add_printer("office");
  const auto created = house.ask(house.request(Operation::CreateJob));
  const int id = *created.find_group(GroupTag::Job)->find_integer("job-id");
  EXPECT_EQ(house.ask(house.job_request(Operation::CloseJob, id)).status(), Status::Ok);
  EXPECT_EQ(house.job(id)->state, JobState::Aborted);
}

TEST(Service, FramingFaultsAreBadRequestsWithoutPrinterAttributes) {
  House house;
  house.add_printer("office");
  const auto good = house.request(Operation::GetPrinterAttributes);
  auto zero = good;
  zero.header.request_id = 0;
  auto no_charset = good;
  no_charset.groups.front().remove("attributes-charset");
  auto swapped = good;
  std::swap(swapped.groups.front().attributes[0], swapped.groups.front().attributes[1]);
  auto no_uri = good;
  no_uri.groups.front().remove("printer-uri");
  auto no_groups = good;
  no_groups.groups.clear();
  for (const auto& request : {zero, no_charset, swapped, no_uri, no_groups}) {
    const auto reply = house.ask(request);
    EXPECT_EQ(status_of(reply), "client-error-bad-request");
    EXPECT_EQ(reply.find_group(GroupTag::Printer), nullptr);
  }
  auto version = good;
  version.header.version = {0, 0};
  EXPECT_EQ(status_of(house.ask(version)), "server-error-version-not-supported");
  auto unknown = good;
  unknown.header.code = 0x3FFF;
  EXPECT_EQ(status_of(house.ask(unknown)), "server-error-operation-not-supported");
}

TEST(Service, WhatIsNoIppIsRefusedByHttp) {
  House house;
  EXPECT_THROW(house.send("POST"), Error);
  const auto cut = house.send(ipp::encode(house.request(Operation::GetJobs)).substr(0, 40));
  EXPECT_EQ(status_of(ipp::decode(cut.body).message), "client-error-bad-request");
}

TEST(Service, RequestedAttributesAreHonoured) {
  House house;
  house.add_printer("office");
  auto some = house.request(Operation::GetPrinterAttributes);
  some.groups.front().add_keywords("requested-attributes",
                                   {"printer-name", "printer-state", "nonsense"});
  EXPECT_EQ(names_in(house.ask(some), GroupTag::Printer),
            (std::set<std::string>{"printer-name", "printer-state"}));

  const auto all =
      names_in(house.ask(house.request(Operation::GetPrinterAttributes)), GroupTag::Printer);
  EXPECT_GT(all.size(), 80U);
  EXPECT_FALSE(all.contains("media-col-database"));
  auto database = house.request(Operation::GetPrinterAttributes);
  database.groups.front().add_keywords("requested-attributes", {"media-col-database"});
  EXPECT_EQ(names_in(house.ask(database), GroupTag::Printer),
            std::set<std::string>{"media-col-database"});

  auto group = house.request(Operation::GetPrinterAttributes);
  group.groups.front().add_keywords("requested-attributes", {"job-template"});
  const auto templates = names_in(house.ask(group), GroupTag::Printer);
  EXPECT_TRUE(templates.contains("sides-supported"));
  EXPECT_FALSE(templates.contains("printer-name"));
}

TEST(Service, UriListsHaveTheSameCount) {
  House house;
  house.add_printer("office");
  const auto reply = house.ask(house.request(Operation::GetPrinterAttributes));
  const auto* printer = reply.find_group(GroupTag::Printer);
  EXPECT_EQ(printer->find("printer-uri-supported")->values.size(), 1U);
  EXPECT_EQ(printer->find("uri-security-supported")->values.size(), 1U);
  EXPECT_EQ(printer->find("uri-authentication-supported")->values.size(), 1U);
}

TEST(Service, FidelityRefusesAndItsAbsenceIgnoresWhatIsNotSupported) {
  House house;
  house.add_printer("office");
  auto request = house.request(Operation::ValidateJob);
  auto& job = request.add_group(GroupTag::Job);
  job.add_keyword("sides", "three-sided");
  job.add_integer("copies", 2);
  const auto ignored = house.ask(request);
  EXPECT_EQ(status_of(ignored), "successful-ok-ignored-or-substituted-attributes");
  EXPECT_EQ(names_in(ignored, GroupTag::Unsupported), std::set<std::string>{"sides"});
  request.groups.front().add_boolean("ipp-attribute-fidelity", true);
  EXPECT_EQ(status_of(house.ask(request)), "client-error-attributes-or-values-not-supported");

  for (const int copies : {0, 1000, -1}) {
    auto wrong = house.request(Operation::ValidateJob);
    wrong.add_group(GroupTag::Job).add_integer("copies", copies);
    EXPECT_EQ(status_of(house.ask(wrong)), "successful-ok-ignored-or-substituted-attributes")
        << copies;
  }
}

TEST(Service, AFormatThatIsNotTakenIsRefusedBeforeTheDocumentIsRead) {
  House house;
  house.add_printer("office");
  for (const auto operation :
       {Operation::PrintJob, Operation::ValidateJob, Operation::GetPrinterAttributes}) {
    auto request = house.request(operation);
    request.groups.front().add_mime_type("document-format", "application/x-unknown");
    EXPECT_EQ(status_of(house.ask(request, "x")), "client-error-document-format-not-supported");
  }
}

TEST(Service, B4_OnlyTheOwnerOrAnOperatorMayTouchAJob) {
  House house;
  house.add_printer("office");
  house.become(os::LocalUser{0, 0, "root"});
  ASSERT_EQ(house.ask(house.request(Operation::PausePrinter)).status(), Status::Ok);
  house.become(std::nullopt);
  const int id = house.print();
  house.user = "mallory";
  for (const auto operation : {Operation::CancelJob, Operation::HoldJob, Operation::ReleaseJob,
                               Operation::SetJobAttributes}) {
    auto request = house.job_request(operation, id);
    request.add_group(GroupTag::Job).add_integer("job-priority", 99);
    EXPECT_EQ(status_of(house.ask(request)), "client-error-not-authorized")
        << ipp::operation_name(operation);
  }
  // Others see the job, but not what it is called.
  auto look = house.ask(house.job_request(Operation::GetJobAttributes, id));
  EXPECT_EQ(look.find_group(GroupTag::Job)->find_text("job-name"), "private");
  EXPECT_FALSE(look.find_group(GroupTag::Job)->contains("document-name-supplied"));
  // A proven "alice" is not the unproven one.
  house.become(os::LocalUser{1000, 1000, "alice"});
  EXPECT_EQ(status_of(house.ask(house.job_request(Operation::CancelJob, id))),
            "client-error-not-authorized");
  house.become(std::nullopt);
  house.user = "alice";
  EXPECT_EQ(house.ask(house.job_request(Operation::CancelJob, id)).status(), Status::Ok);
  EXPECT_EQ(status_of(house.ask(house.job_request(Operation::CancelJob, id))),
            "client-error-not-possible");
  EXPECT_TRUE(printed(house).empty());
}

TEST(Service, B4_AProvenNameWinsOverTheRequestedOne) {
  House house;
  house.add_printer("office");
  house.become(os::LocalUser{1000, 1000, "bob"});
  const int id = house.print();
  EXPECT_EQ(house.job(id)->owner, (access::Owner{access::OwnerKind::Local, {}, "bob"}));
}

TEST(Service, B4_AdministrationNeedsAnAdministrator) {
  House house([](ServiceOptions& options) { options.policy.access.operators = {"olga"}; });
  house.add_printer("office");
  auto add = house.request(Operation::CupsAddModifyPrinter, "new");
  add.add_group(GroupTag::Printer)
      .add_uri("device-uri", "file://" + (house.folder / "out").string() + "/");
  EXPECT_EQ(status_of(house.ask(add)), "client-error-not-authorized");
  EXPECT_EQ(status_of(house.ask(house.request(Operation::PausePrinter))),
            "client-error-not-authorized");
  EXPECT_EQ(status_of(house.ask(house.request(Operation::CancelJobs))),
            "client-error-not-authorized");
  house.become(os::LocalUser{1000, 1000, "olga"});
  EXPECT_EQ(status_of(house.ask(add)), "client-error-not-authorized")
      << "a local user is no certificate";
  house.become(os::LocalUser{4711, 4711, "ipm"});
  EXPECT_EQ(house.ask(add).status(), Status::Ok);
  EXPECT_EQ(house.ask(add).status(), Status::Ok) << "now it is changed";
  add.groups.front().add_keyword("imprimatur-intent", "add");
  EXPECT_EQ(status_of(house.ask(add)), "client-error-conflicting-attributes") << "it exists";
  EXPECT_EQ(house.ask(house.request(Operation::CupsDeletePrinter, "new")).status(), Status::Ok);
  EXPECT_EQ(status_of(house.ask(house.request(Operation::CupsDeletePrinter, "new"))),
            "client-error-not-found");
}

TEST(Service, AWrongDeviceOrNameChangesNothing) {
  House house;
  house.become(os::LocalUser{0, 0, "root"});
  for (const auto* device : {"ftp://host/", "file:///nowhere/at/all/", "socket://host/path",
                             "nonsense", "ipp://user:secret@host/", "socket://:9100"}) {
    auto add = house.request(Operation::CupsAddModifyPrinter, "new");
    add.add_group(GroupTag::Printer).add_uri("device-uri", device);
    const auto reply = house.ask(add);
    EXPECT_FALSE(ipp::is_successful(reply.status())) << device;
    const auto words = reply.groups.front().find_text("status-message").value_or("");
    EXPECT_EQ(words.find("secret"), std::string_view::npos) << words;
  }
  EXPECT_TRUE(house.manager().printers().empty());
}

TEST(Service, ARefusalComesAsDataBesideItsWords) {
  House house;
  const std::string name(126, 'x');
  const auto reply = house.ask(house.request(Operation::GetPrinterAttributes, name));
  const auto& told = reply.groups.front();
  EXPECT_EQ(told.find_text("imprimatur-error-number"), "IMP-4004");
  EXPECT_NE(told.find_text("imprimatur-error-happened").value_or("").find(name),
            std::string_view::npos);
  EXPECT_TRUE(told.find_text("imprimatur-error-expected"));
  EXPECT_TRUE(told.find_text("imprimatur-error-mend"));
  EXPECT_TRUE(told.find_text("status-message").value_or("").starts_with("IMP-4004: "));
  house.add_printer("office");
  const auto granted = house.ask(house.request(Operation::GetPrinterAttributes));
  EXPECT_FALSE(granted.groups.front().find_text("imprimatur-error-number"));
}

TEST(Service, HeldJobsWaitUntilTheyAreReleased) {
  House house;
  house.add_printer("office");
  auto request = house.request(Operation::PrintJob);
  request.add_group(GroupTag::Job).add_keyword("job-hold-until", "indefinite");
  const auto reply = house.ask(request, "held");
  const int id = *reply.find_group(GroupTag::Job)->find_integer("job-id");
  EXPECT_EQ(reply.find_group(GroupTag::Job)->find_integer("job-state"), 4);
  const int other = house.print();
  house.wait_for(other, JobState::Completed);
  EXPECT_EQ(house.job(id)->state, JobState::PendingHeld);
  EXPECT_EQ(house.ask(house.job_request(Operation::ReleaseJob, id)).status(), Status::Ok);
  house.wait_for(id, JobState::Completed);
  EXPECT_EQ(status_of(house.ask(house.job_request(Operation::HoldJob, id))),
            "client-error-not-possible");
}

TEST(Service, GetJobsAnswersOnlyWhatWasAsked) {
  House house;
  house.add_printer("office");
  house.add_printer("other");
  house.become(os::LocalUser{0, 0, "root"});
  for (const auto* name : {"office", "other"})
    house.ask(house.request(Operation::PausePrinter, name));
  house.become(std::nullopt);
  std::vector<int> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(house.print());
  const auto count = [&](const ipp::Message& reply) {
    return std::count_if(reply.groups.begin(), reply.groups.end(),
                         [](const auto& group) { return group.tag == GroupTag::Job; });
  };
  const auto reply = house.ask(house.request(Operation::GetJobs));
  EXPECT_EQ(count(reply), 5);
  EXPECT_EQ(names_in(reply, GroupTag::Job), (std::set<std::string>{"job-id", "job-uri"}));
  EXPECT_EQ(count(house.ask(house.request(Operation::GetJobs, "other"))), 0);
  auto limited = house.request(Operation::GetJobs);
  limited.groups.front().add_integer("limit", 2);
  EXPECT_EQ(count(house.ask(limited)), 2);
  auto zero = house.request(Operation::GetJobs);
  zero.groups.front().add_integer("limit", 0);
  EXPECT_EQ(status_of(house.ask(zero)), "client-error-bad-request");
  auto mine = house.request(Operation::GetJobs);
  mine.groups.front().add_boolean("my-jobs", true);
  house.user = "bob";
  auto his = house.request(Operation::GetJobs);
  his.groups.front().add_boolean("my-jobs", true);
  EXPECT_EQ(count(house.ask(mine)), 5);
  EXPECT_EQ(count(house.ask(his)), 0);
  auto nonsense = house.request(Operation::GetJobs);
  nonsense.groups.front().add_keyword("which-jobs", "yesterdays");
  EXPECT_EQ(status_of(house.ask(nonsense)), "client-error-attributes-or-values-not-supported");
}

TEST(Service, ALongListOfJobsComesInPieces) {
  House house;
  house.add_printer("office");
  house.become_administrator();
  house.ask(house.request(Operation::PausePrinter));
  std::vector<int> ids;
  for (int i = 0; i < 600; ++i) ids.push_back(house.print());
  const auto list = [&](std::int32_t first, std::int32_t limit) {
    auto request = house.request(Operation::GetJobs);
    request.groups.front().add_keywords(
        "requested-attributes",
        {"job-id", "job-uri", "job-name", "job-state", "job-state-reasons", "job-printer-uri",
         "job-originating-user-name", "job-more-info", "time-at-creation", "job-k-octets"});
    request.groups.front().add_integer("first-index", first);
    if (limit != 0) request.groups.front().add_integer("limit", limit);
    std::vector<int> told;
    for (const auto& group : house.ask(request).groups) {
      if (group.tag == GroupTag::Job) told.push_back(*group.find_integer("job-id"));
    }
    return told;
  };
  EXPECT_EQ(list(1, 0), ids);
  EXPECT_GT(house.pieces, 3) << "never all of it at once";
  house.pieces = 0;
  EXPECT_EQ(list(300, 5), std::vector<int>(ids.begin() + 299, ids.begin() + 304));
  EXPECT_EQ(list(601, 5), std::vector<int>());
  EXPECT_EQ(house.pieces, 0);
}

TEST(Service, B3_JobsAndDestinationsOutliveTheServer) {
  House house;
  house.add_printer("office");
  house.become(os::LocalUser{0, 0, "root"});
  house.ask(house.request(Operation::PausePrinter));
  auto request = house.request(Operation::PrintJob);
  request.groups.front().add_name("job-name", "Quarterly");
  request.add_group(GroupTag::Job).add_integer("copies", 2);
  const auto reply = house.ask(request, "survives");
  const int id = *reply.find_group(GroupTag::Job)->find_integer("job-id");
  house.reopen();
  const auto job = house.job(id);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->name, "Quarterly");
  EXPECT_EQ(job->owner, (access::Owner{access::OwnerKind::Local, {}, "root"}));
  EXPECT_EQ(job->copies(), 2);
  EXPECT_TRUE(house.manager().find_printer("office")->paused);
  EXPECT_EQ(house.ask(house.request(Operation::ResumePrinter)).status(), Status::Ok);
  house.wait_for(id, JobState::Completed);
  EXPECT_EQ(printed(house).size(), 2U);
  EXPECT_GT(house.print(), id) << "ids are never given twice";
}

TEST(Service, WhyAPrinterWasPausedIsSaidAndOutlivesTheServer) {
  House house;
  house.add_printer("office");
  house.become_administrator();
  auto pause = house.request(Operation::PausePrinter);
  pause.groups.front().add_text("printer-state-message", "waits for toner");
  EXPECT_EQ(house.ask(pause).status(), Status::Ok);
  EXPECT_EQ(house.manager().find_printer("office")->message, "waits for toner");
  house.reopen();
  EXPECT_EQ(house.manager().find_printer("office")->message, "waits for toner");
  EXPECT_EQ(house.ask(house.request(Operation::ResumePrinter)).status(), Status::Ok);
  EXPECT_EQ(house.ask(house.request(Operation::PausePrinter)).status(), Status::Ok);
  EXPECT_EQ(house.manager().find_printer("office")->message, "paused by an operator");
}

TEST(Service, PurgingAPrinterForgetsItsHistoryAndNoOther) {
  House house;
  house.add_printer("office");
  house.add_printer("attic");
  const int gone = house.print();
  house.wait_for(gone, JobState::Completed);
  const auto reply = house.ask(house.request(Operation::PrintJob, "attic"), "%PDF-1.4");
  const int kept = *reply.find_group(GroupTag::Job)->find_integer("job-id");
  house.wait_for(kept, JobState::Completed);
  house.become_administrator();
  house.ask(house.request(Operation::PausePrinter));
  const int waiting = house.print();
  EXPECT_EQ(house.ask(house.request(Operation::PurgeJobs)).status(), Status::Ok);
  EXPECT_FALSE(house.job(gone));
  EXPECT_FALSE(house.job(waiting));
  EXPECT_TRUE(house.job(kept));
  house.reopen();
  EXPECT_FALSE(house.job(gone));
  EXPECT_TRUE(house.job(kept));
  EXPECT_GT(house.print(), waiting) << "ids are never given twice";
}

TEST(Service, APrinterThatIsAwayKeepsItsJobsAndSaysWhy) {
  House house;
  house.add_printer("away", "socket://127.0.0.1:9");  // discard: nobody listens there
  auto request = house.request(Operation::PrintJob, "away");
  const auto reply = house.ask(request, "waits");
  const int id = *reply.find_group(GroupTag::Job)->find_integer("job-id");
  test::wait_until([&] { return !house.manager().find_printer("away")->reasons.empty(); });
  const auto job = house.wait_for(id, JobState::Pending);
  EXPECT_EQ(job.attempts, 0) << "it is the device that fails, not the job";
  EXPECT_EQ(house.manager().reasons_of(job), std::vector<std::string>{"resources-are-not-ready"});
  EXPECT_NE(house.manager().message_of(job).find("next try"), std::string::npos);
  const auto printer = house.manager().find_printer("away");
  EXPECT_EQ(printer->reasons, std::vector<std::string>{"connecting-to-device"});
  EXPECT_NE(printer->message.find("next try"), std::string::npos);
  EXPECT_EQ(house.ask(house.job_request(Operation::CancelJob, id, "away")).status(), Status::Ok);
  EXPECT_EQ(house.job(id)->state, JobState::Canceled);
}

TEST(Service, ADestinationThatDoesNotAcceptRefusesJobs) {
  House house;
  house.add_printer("office");
  house.become(os::LocalUser{0, 0, "root"});
  EXPECT_EQ(house.ask(house.request(Operation::DisablePrinter)).status(), Status::Ok);
  EXPECT_EQ(status_of(house.ask(house.request(Operation::PrintJob), "x")),
            "server-error-not-accepting-jobs");
  EXPECT_EQ(status_of(house.ask(house.request(Operation::CreateJob))),
            "server-error-not-accepting-jobs");
  EXPECT_EQ(house.ask(house.request(Operation::EnablePrinter)).status(), Status::Ok);
  house.wait_for(house.print(), JobState::Completed);
}

TEST(Service, ADocumentBeyondTheLimitIsRefused) {
  House house([](ServiceOptions& options) { options.policy.document_bytes_max = 1000; });
  house.add_printer("office");
  EXPECT_EQ(house.ask(house.request(Operation::PrintJob), std::string(1000, 'x')).status(),
            Status::Ok);
  EXPECT_EQ(status_of(house.ask(house.request(Operation::PrintJob), std::string(1001, 'x'))),
            "client-error-request-entity-too-large");
  auto packed = house.request(Operation::PrintJob);
  packed.groups.front().add_keyword("compression", "gzip");
  EXPECT_EQ(status_of(house.ask(packed, gzip(std::string(100'000, 'x')))),
            "client-error-compression-error");
}

TEST(Service, AnEmptyDocumentIsABadRequest) {
  House house;
  house.add_printer("office");
  EXPECT_EQ(status_of(house.ask(house.request(Operation::PrintJob))), "client-error-bad-request");
  EXPECT_EQ(status_of(house.ask(house.request(Operation::PrintJob, "nowhere"), "x")),
            "client-error-not-found");
}

TEST(Service, HigherPrioritiesPrintFirst) {
  House house;
  house.add_printer("office");
  house.become(os::LocalUser{0, 0, "root"});
  house.ask(house.request(Operation::PausePrinter));
  const int low = house.print();
  auto urgent = house.request(Operation::PrintJob);
  urgent.add_group(GroupTag::Job).add_integer("job-priority", 90);
  const auto reply = house.ask(urgent, "urgent");
  const int high = *reply.find_group(GroupTag::Job)->find_integer("job-id");
  const auto jobs = house.ask(house.request(Operation::GetJobs));
  EXPECT_EQ(jobs.find_group(GroupTag::Job)->find_integer("job-id"), high);
  house.ask(house.request(Operation::ResumePrinter));
  house.wait_for(low, JobState::Completed);
  EXPECT_EQ(house.job(high)->state, JobState::Completed);
}

TEST(Service, AJobThatMemoryDoesNotKnowIsLookedForWhereItMayTakeLong) {
  House house;
  house.add_printer("office");
  const int id = house.print();
  auto looking = house.while_the_pool_is_busy([&] {
    auto unknown = house.begin(house.manager().find_job(4711));
    // On the same thread, behind the first: it waits for no disk.
    EXPECT_TRUE(house.job(id));
    EXPECT_NE(unknown.wait_for(std::chrono::seconds(0)), std::future_status::ready);
    return unknown;
  });
  EXPECT_FALSE(looking.get());
}

TEST(Service, ARequestNamesNotMoreThanSoManyJobs) {
  House house;
  house.add_printer("office");
  for (const auto operation : {ipp::Operation::GetJobs, ipp::Operation::CancelMyJobs}) {
    auto request = house.request(operation);
    std::vector<std::int32_t> ids(kJobIdsMax + 1);
    std::iota(ids.begin(), ids.end(), 1000);
    request.groups.front().add_integers("job-ids", ipp::Tag::Integer, ids);
    EXPECT_EQ(house.ask(request).status(),
              static_cast<ipp::Status>(statuses(Reaction::TooLarge).ipp));
    request.groups.front().remove("job-ids");
    ids.pop_back();
    request.groups.front().add_integers("job-ids", ipp::Tag::Integer, ids);
    EXPECT_NE(house.ask(request).status(),
              static_cast<ipp::Status>(statuses(Reaction::TooLarge).ipp));
  }
}

}  // namespace
}  // namespace ipm::print
