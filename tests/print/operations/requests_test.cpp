// Requests as clients send them, through the whole service: what is told as unsupported, what is
// refused, what others see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "../house.h"
#include "base/text.h"

namespace ipm::print {
namespace {

using ipp::GroupTag;
using ipp::JobState;
using ipp::Operation;
using ipp::Status;
using ipp::Tag;
using ipp::Value;
using test::House;
using test::wait_until;
using ::testing::HasSubstr;
using ::testing::Not;

std::set<std::string> names_in(const ipp::Message& reply, GroupTag tag) {
  std::set<std::string> names;
  if (const auto* group = reply.find_group(tag)) {
    for (const auto& attribute : group->attributes) names.insert(attribute.name);
  }
  return names;
}

std::string words_of(const ipp::Message& reply) {
  return std::string(reply.groups.front().find_text("status-message").value_or(""));
}

int job_of(const ipp::Message& reply) {
  const auto* job = reply.find_group(GroupTag::Job);
  return job == nullptr ? 0 : job->find_integer("job-id").value_or(0);
}

ipp::Message held(House& house) {
  auto request = house.request(Operation::PrintJob);
  request.add_group(GroupTag::Job).add_keyword("job-hold-until", "indefinite");
  return request;
}

TEST(Requests, UnknownOperationAttributesAreTold) {
  House house;
  house.add_printer("office");
  for (const auto operation :
       {Operation::PrintJob, Operation::ValidateJob, Operation::CreateJob,
        Operation::GetPrinterAttributes, Operation::GetJobs, Operation::CupsGetPrinters}) {
    auto request = house.request(operation);
    request.groups.front().add_keyword("x-unknown", "yes");
    const auto reply = house.ask(request, "%PDF-1.4");
    EXPECT_EQ(reply.status(), Status::OkIgnoredOrSubstitutedAttributes)
        << ipp::operation_label(static_cast<std::uint16_t>(operation));
    EXPECT_EQ(names_in(reply, GroupTag::Unsupported), std::set<std::string>{"x-unknown"});
    request.groups.front().add_boolean("ipp-attribute-fidelity", true);
    if (operation == Operation::PrintJob || operation == Operation::CreateJob) {
      const auto refused = house.ask(request, "%PDF-1.4");
      EXPECT_EQ(refused.status(), Status::AttributesOrValuesNotSupported);
      EXPECT_EQ(names_in(refused, GroupTag::Unsupported), std::set<std::string>{"x-unknown"});
      EXPECT_EQ(job_of(refused), 0);
    }
  }
}

TEST(Requests, BothKindsOfUnsupportedAttributesAreToldTogether) {
  House house;
  house.add_printer("office");
  auto request = house.request(Operation::ValidateJob);
  request.groups.front().add_keyword("x-unknown", "yes");
  request.add_group(GroupTag::Job).add_keyword("sides", "three-sided");
  const auto reply = house.ask(request);
  EXPECT_EQ(reply.status(), Status::OkIgnoredOrSubstitutedAttributes);
  EXPECT_EQ(names_in(reply, GroupTag::Unsupported), (std::set<std::string>{"sides", "x-unknown"}));
}

TEST(Requests, AttributesOfOneValueWithTwoAreNotKept) {
  House house;
  house.add_printer("office");
  auto request = house.request(Operation::PrintJob);
  auto& job = request.add_group(GroupTag::Job);
  job.add("copies", {Value::integer(3), Value::integer(2)});
  job.add_keyword("job-hold-until", "indefinite");
  const auto reply = house.ask(request, "%PDF-1.4");
  EXPECT_EQ(reply.status(), Status::OkIgnoredOrSubstitutedAttributes);
  EXPECT_EQ(house.job(job_of(reply))->copies(), 1);
  EXPECT_FALSE(house.job(job_of(reply))->job_template.contains("copies"));
  request.groups.front().add_boolean("ipp-attribute-fidelity", true);
  EXPECT_EQ(house.ask(request, "%PDF-1.4").status(), Status::AttributesOrValuesNotSupported);
  auto twice = house.request(Operation::PrintJob);
  twice.groups.front().add("document-format", {Value::string(Tag::MimeMediaType, "text/plain"),
                                               Value::string(Tag::MimeMediaType, "image/jpeg")});
  EXPECT_EQ(house.ask(twice, "%PDF-1.4").status(), Status::BadRequest);
}

TEST(Requests, AHoldIsKeptInWhicheverGroupItStands) {
  House house;
  house.add_printer("office");
  auto request = house.request(Operation::PrintJob);
  request.groups.front().add_keyword("job-hold-until", "indefinite");
  const auto reply = house.ask(request, "%PDF-1.4");
  EXPECT_EQ(reply.status(), Status::Ok);
  EXPECT_EQ(house.job(job_of(reply))->state, JobState::PendingHeld);
}

TEST(Requests, B13_AJobWithAPasswordThatCannotBePassedOnIsRefused) {
  House house;
  house.add_printer("office");
  for (const auto operation : {Operation::PrintJob, Operation::ValidateJob, Operation::CreateJob}) {
    for (const bool fidelity : {false, true}) {
      auto request = house.request(operation);
      request.groups.front().add_octets("job-password", "4711");
      request.groups.front().add_keyword("job-password-encryption", "none");
      request.groups.front().add_boolean("ipp-attribute-fidelity", fidelity);
      const auto reply = house.ask(request, "%PDF-1.4");
      EXPECT_EQ(reply.status(), Status::AttributesOrValuesNotSupported);
      const auto* told = reply.find_group(GroupTag::Unsupported);
      ASSERT_NE(told, nullptr);
      ASSERT_TRUE(told->contains("job-password"));
      EXPECT_EQ(told->find("job-password")->values.front(), Value::out_of_band(Tag::Unsupported))
          << "never the password itself";
      EXPECT_EQ(job_of(reply), 0);
    }
  }
}

// A device that keeps documents until a PIN of at most eight digits is typed in.
class PinDevice final : public output::Driver {
 public:
  boost::asio::awaitable<output::Result> deliver(const output::Assignment&, output::Cancellation&,
                                                 const output::Progress&) const override {
    co_return output::Result{};
  }
  boost::asio::awaitable<std::optional<output::DeviceDescription>> describe(
      output::Cancellation&) const override {
    output::DeviceDescription description;
    description.capabilities.add_integer("job-password-supported", 8);
    description.capabilities.add_keywords("job-password-encryption-supported",
                                          {"none", "sha2-256"});
    description.capabilities.add_strings("document-format-supported", Tag::MimeMediaType,
                                         {"application/pdf"});
    co_return description;
  }
};

TEST(Requests, B13_APasswordIsTakenWhereItsDeviceCanHaveItUnderTlsAndIsToldToNobody) {
  House house({}, [](ManagerOptions& options) {
    options.make_driver = [](const Uri&, const output::DeviceSettings&,
                             const output::Environment&) { return std::make_unique<PinDevice>(); };
  });
  house.add_printer("office", "ipps://office.test/ipp/print");
  house.add_printer("open", "ipp://open.test/ipp/print");
  const auto is_described = [&](const char* name) {
    return house.manager().find_printer(name)->logical.supported->find_all_text(
               "document-format-supported") == std::vector<std::string_view>{"application/pdf"};
  };
  test::wait_until([&] { return is_described("office") && is_described("open"); });
  const auto ask = [&](const std::string& printer, std::string_view pin, std::string_view way) {
    house.become({});
    auto request = house.request(Operation::CreateJob, printer);
    request.groups.front().add_octets("job-password", pin);
    if (!way.empty()) request.groups.front().add_keyword("job-password-encryption", way);
    return house.ask(request);
  };
  EXPECT_EQ(ask("open", "4711", "none").status(), Status::AttributesOrValuesNotSupported);
  EXPECT_EQ(ask("office", "471100000", "none").status(), Status::AttributesOrValuesNotSupported);
  EXPECT_EQ(ask("office", "4711", "md5").status(), Status::AttributesOrValuesNotSupported);
  const auto reply = ask("office", "4711", "");
  ASSERT_EQ(reply.status(), Status::Ok);
  ASSERT_TRUE(house.job(job_of(reply))->secrets.contains("job-password"));
  house.become_administrator();
  for (const auto* wanted : {"all", "job-password"}) {
    auto get = house.job_request(Operation::GetJobAttributes, job_of(reply));
    get.groups.front().add_keyword("requested-attributes", wanted);
    const auto told = names_in(house.ask(get), GroupTag::Job);
    EXPECT_FALSE(told.contains("job-password")) << wanted;
    EXPECT_FALSE(told.contains("job-password-encryption")) << wanted;
  }
}

TEST(Requests, ControlCharactersReachNobody) {
  House house;
  house.add_printer("office");
  house.user = "an\x13na";
  auto request = held(house);
  request.groups.front().add_name("job-name",
                                  "Wiki\x13pedia\n\x1b"
                                  "E");
  request.groups.front().add_name("document-name", "a\rb.pdf");
  const auto reply = house.ask(request, "%PDF-1.4");
  const auto job = house.job(job_of(reply));
  ASSERT_TRUE(job);
  EXPECT_EQ(job->owner.name, "an na");
  EXPECT_EQ(job->name, "Wiki pedia  E");
  EXPECT_EQ(job->documents.front().name, "a b.pdf");
}

TEST(Requests, TheHostInPrinterUriDoesNotMatter) {
  House house;
  house.add_printer("office");
  for (const auto* uri :
       {"ipp://[v1.fe80::1+eth0]:631/printers/office",
        "ipp://[fe80::1%25eth0]:631/ipp/print/office",
        "ipp://Office%20LJ._ipp._tcp.local/printers/office", "ipp://localhost:/printers/office",
        "ipp://h-.example/ipp/print/office", "ipp://a_b/ipp/print/office"}) {
    auto request = ipp::Message::request(Operation::GetPrinterAttributes, 1);
    request.groups.front().add_uri("printer-uri", uri);
    EXPECT_EQ(house.ask(request).status(), Status::Ok) << uri;
  }
  for (const auto* uri :
       {"ipp://localhost/ipp/print/off%2Fice", "ipp://localhost/ipp/print/../office",
        "ipp://localhost/ipp/print/office/x", "office", "/printers/office"}) {
    auto request = ipp::Message::request(Operation::GetPrinterAttributes, 1);
    request.groups.front().add_uri("printer-uri", uri);
    EXPECT_EQ(house.ask(request).status(), Status::NotFound) << uri;
  }
}

TEST(Requests, AStatusMessageIsUtf8WhereverItIsCut) {
  House house;
  house.add_printer("office");
  const int id = job_of(house.ask(held(house), "%PDF-1.4"));
  for (int count = 100; count <= 127; ++count) {
    std::string user;
    for (int i = 0; i < count; ++i) user += "я";
    house.user = user;
    const auto words = words_of(house.ask(house.job_request(Operation::CancelJob, id)));
    EXPECT_LE(words.size(), 255U);
    EXPECT_TRUE(is_utf8(words)) << count;
  }
}

TEST(Requests, RawDocumentsAndShortMediaNamesAreTaken) {
  House house;
  house.add_printer("office");
  auto raw = held(house);
  raw.groups.front().add_mime_type("document-format", "application/vnd.cups-raw");
  raw.groups.back().add_keyword("media", "A4");
  const auto reply = house.ask(raw,
                               "\x1b"
                               "E raw");
  EXPECT_EQ(reply.status(), Status::Ok);
  const auto job = house.job(job_of(reply));
  EXPECT_EQ(job->documents.front().format, "application/octet-stream");
  EXPECT_EQ(job->job_template.find_text("media"), "iso_a4_210x297mm");
}

TEST(Requests, B4_OthersSeeThatAJobIsThereAndNothingOfIt) {
  House house([](ServiceOptions& options) { options.policy.access.operators = {"olga"}; });
  house.add_printer("office");
  house.become_certified("alice", 1);
  auto request = house.request(Operation::PrintJob);
  request.groups.front().add_name("job-name", "Kuendigung");
  request.groups.front().add_name("document-name", "gehaltsliste-2026.pdf");
  request.add_group(GroupTag::Job).add_keyword("sides", "two-sided-long-edge");
  const int id = job_of(house.ask(request, "%PDF-1.4"));
  house.wait_for(id, JobState::Completed);
  const auto look = [&](Operation operation) {
    auto asking = house.job_request(operation, id);
    asking.groups.front().add_keyword("requested-attributes", "all");
    if (operation == Operation::GetJobs) asking.groups.front().add_keyword("which-jobs", "all");
    return house.ask(asking);
  };
  house.become_certified("bob", 1);
  for (const auto operation : {Operation::GetJobAttributes, Operation::GetJobs}) {
    const auto reply = look(operation);
    EXPECT_EQ(reply.find_group(GroupTag::Job)->find_text("job-name"), "private");
    const auto bytes = ipp::encode(reply);
    for (const auto* secret : {"Kuendigung", "gehaltsliste", "/out", "two-sided"})
      EXPECT_EQ(bytes.find(secret), std::string::npos) << secret;
    for (const auto* name : {"job-id", "job-state", "job-state-reasons", "job-k-octets"})
      EXPECT_TRUE(names_in(reply, GroupTag::Job).contains(name)) << name;
  }
  for (const auto* who : {"alice", "olga"}) {
    house.become_certified(who, 1);
    const auto reply = look(Operation::GetJobAttributes);
    EXPECT_EQ(reply.find_group(GroupTag::Job)->find_text("job-name"), "Kuendigung") << who;
    EXPECT_TRUE(names_in(reply, GroupTag::Job).contains("document-name-supplied")) << who;
    EXPECT_TRUE(names_in(reply, GroupTag::Job).contains("job-state-message")) << who;
  }
}

TEST(Requests, B4_AddressesOfDevicesAreTheOperatorsBusiness) {
  House house([](ServiceOptions& options) { options.policy.access.operators = {"olga"}; });
  house.add_printer("office");
  const std::string folder = (house.folder / "out").string();
  for (const auto operation :
       {Operation::GetPrinterAttributes, Operation::CupsGetPrinters, Operation::CupsGetDefault}) {
    for (const auto* asked : {"all", "device-uri", "printer-description"}) {
      auto request = house.request(operation);
      request.groups.front().add_keyword("requested-attributes", asked);
      house.become_certified("bob", 1);
      EXPECT_EQ(ipp::encode(house.ask(request)).find(folder), std::string::npos) << asked;
      house.become_certified("olga", 1);
      EXPECT_TRUE(names_in(house.ask(request), GroupTag::Printer).contains("device-uri")) << asked;
    }
  }
}

TEST(Requests, B4_WhatIsSaidOfAJobAndAPrinterNamesAddressesToOperatorsOnly) {
  House house([](ServiceOptions& options) { options.policy.access.operators = {"olga"}; });
  house.add_printer("office");
  house.add_printer("away", "socket://127.0.0.1:9");
  house.become_certified("alice", 1);
  const auto print = [&](const std::string& printer) {
    auto request = house.request(Operation::PrintJob, printer);
    return job_of(house.ask(request, "%PDF-1.4"));
  };
  const int done = print("office");
  house.wait_for(done, JobState::Completed);
  const int waits = print("away");
  wait_until([&] { return !house.manager().find_printer("away")->message.empty(); });
  const auto told = [&](const std::string& who, int job) {
    house.become_certified(who, 1);
    const auto reply = house.ask(house.job_request(Operation::GetJobAttributes, job));
    return std::string(
        reply.find_group(GroupTag::Job)->find_text("job-state-message").value_or(""));
  };
  const std::string folder = (house.folder / "out").string();
  EXPECT_THAT(told("olga", done), HasSubstr(folder));
  EXPECT_EQ(told("alice", done), "in a file there");
  // It says nothing for the moment of each attempt.
  std::string text;
  const auto says = [&](const std::string& who, const std::string& words) {
    text = told(who, waits);
    return text.find(words) != text.npos;
  };
  wait_until([&] { return says("olga", "127.0.0.1:9"); });
  wait_until([&] { return says("alice", "the device"); });
  EXPECT_THAT(text, Not(HasSubstr("127.0.0.1")));
  for (const auto* who : {"olga", "bob"}) {
    house.become_certified(who, 1);
    const auto reply = house.ask(house.request(Operation::GetPrinterAttributes, "away"));
    const std::string said(
        reply.find_group(GroupTag::Printer)->find_text("printer-state-message").value_or(""));
    EXPECT_EQ(said.find("127.0.0.1") != said.npos, std::string(who) == "olga") << said;
    EXPECT_THAT(said, HasSubstr("next try in"));
  }
}

TEST(Requests, JobsAreListedByPage) {
  House house;
  house.add_printer("office");
  std::vector<int> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(job_of(house.ask(held(house), "%PDF-1.4")));
  const auto page = [&](int first, int limit) {
    auto request = house.request(Operation::GetJobs);
    request.groups.front().add_integer("first-index", first);
    request.groups.front().add_integer("limit", limit);
    std::vector<int> found;
    for (const auto& group : house.ask(request).groups) {
      if (group.tag == GroupTag::Job) found.push_back(*group.find_integer("job-id"));
    }
    return found;
  };
  EXPECT_EQ(page(1, 2), (std::vector{ids[0], ids[1]}));
  EXPECT_EQ(page(3, 2), (std::vector{ids[2], ids[3]}));
  EXPECT_EQ(page(5, 2), (std::vector{ids[4]}));
  EXPECT_EQ(page(6, 2), std::vector<int>{});
  auto zero = house.request(Operation::GetJobs);
  zero.groups.front().add_integer("first-index", 0);
  EXPECT_EQ(house.ask(zero).status(), Status::BadRequest);
}

TEST(Requests, PrintersAreListedFromANameOnAndByPlace) {
  House house;
  for (const auto* name : {"a", "b", "c"}) house.add_printer(name);
  const auto names = [&](const auto& filter) {
    auto request = house.request(Operation::CupsGetPrinters);
    filter(request.groups.front());
    std::vector<std::string> found;
    for (const auto& group : house.ask(request).groups) {
      if (group.tag == GroupTag::Printer) found.emplace_back(*group.find_text("printer-name"));
    }
    return found;
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(names([](auto& group) { group.add_name("first-printer-name", "b"); }),
            (List{"b", "c"}));
  EXPECT_EQ(names([](auto& group) {
              group.add_name("first-printer-name", "b");
              group.add_integer("limit", 1);
            }),
            (List{"b"}));
  EXPECT_EQ(names([](auto& group) { group.add_text("printer-location", "Room 9"); }), List{});
  EXPECT_EQ(names([](auto& group) { group.add_text("printer-location", ""); }),
            (List{"a", "b", "c"}));
}

TEST(Requests, ARefusedNameTellsWhatANameMayBe) {
  House house;
  house.become_administrator();
  for (const auto* path : {"my%20printer", "B%C3%BCro", "a%2Fb", "", "%2E", "..", "%09"}) {
    auto request = ipp::Message::request(Operation::CupsAddModifyPrinter, 1);
    request.groups.front().add_uri("printer-uri", std::string("ipp://localhost/ipp/print/") + path);
    request.add_group(GroupTag::Printer).add_uri("device-uri", "socket://127.0.0.1:9");
    const auto reply = house.ask(request);
    EXPECT_EQ(reply.status(), Status::BadRequest) << path;
    EXPECT_NE(words_of(reply).find("cannot be the name of a destination"), std::string::npos)
        << words_of(reply);
  }
}

}  // namespace
}  // namespace ipm::print
