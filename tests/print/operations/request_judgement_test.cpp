#include "print/operations/request_judgement.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "print/operations/attribute_table.h"

namespace ipm::print {
namespace {

using ipp::Operation;
using ipp::Tag;
using ipp::Value;

const OperationRow& row(Operation operation) {
  return *find_operation_row(static_cast<std::uint16_t>(operation));
}

ipp::Message request(Operation operation) {
  auto message = ipp::Message::request(operation, 1);
  message.groups.front().add_uri("printer-uri", "ipp://print.test/ipp/print/office");
  return message;
}

TEST(RequestJudgement, WhatAnOperationDoesNotTakeIsToldWithoutItsValue) {
  auto message = request(Operation::PrintJob);
  message.groups.front().add_keyword("x-unknown", "secret");
  message.groups.front().add_integer("first-index", 3);  // known, but not to this operation
  message.groups.front().add_name("job-name", "report");
  const auto unsupported =
      judge_operation_attributes(message.groups.front(), row(Operation::PrintJob));
  ASSERT_EQ(unsupported.attributes.size(), 2U);
  for (const auto& attribute : unsupported.attributes)
    EXPECT_EQ(attribute.values.front(), Value::out_of_band(Tag::Unsupported)) << attribute.name;
}

TEST(RequestJudgement, TheWrongTypeOrTooManyValuesAreABadRequest) {
  const auto refused = [](Operation operation, ipp::Attribute attribute) {
    auto message = request(operation);
    const std::string name = attribute.name;
    message.groups.front().add(std::move(attribute));
    try {
      judge_operation_attributes(message.groups.front(), row(operation));
      FAIL() << name << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), Message::IppMalformed) << name;
    }
  };
  const auto keyword = [](const char* text) { return Value::string(Tag::Keyword, text); };
  const auto mime = [](const char* text) { return Value::string(Tag::MimeMediaType, text); };
  refused(Operation::PrintJob, {"document-format", {mime("text/plain"), mime("image/jpeg")}});
  refused(Operation::PrintJob, {"document-format", {keyword("text/plain")}});
  refused(Operation::PrintJob, {"job-name", {keyword("report")}});
  refused(Operation::PrintJob, {"compression", {keyword("none"), keyword("gzip")}});
  refused(Operation::PrintJob, {"ipp-attribute-fidelity", {Value::integer(1)}});
  refused(Operation::PrintJob, {"requesting-user-name", {Value::string(Tag::Text, "anna")}});
  refused(Operation::SendDocument,
          {"last-document", {Value::boolean(true), Value::boolean(false)}});
  refused(Operation::GetJobs, {"limit", {keyword("7")}});
  refused(Operation::GetJobs, {"which-jobs", {keyword("all"), keyword("completed")}});
  refused(Operation::GetJobs, {"my-jobs", {Value::out_of_band(Tag::NoValue)}});
  refused(Operation::CancelJobs, {"job-ids", {Value::integer(1), keyword("2")}});
}

TEST(RequestJudgement, SeveralValuesAreTakenWhereTheNameStandsForASet) {
  auto message = request(Operation::GetJobs);
  message.groups.front().add_keywords("requested-attributes", {"job-id", "job-name"});
  message.groups.front().add_integers("job-ids", Tag::Integer, std::vector<int>{1, 2});
  EXPECT_TRUE(judge_operation_attributes(message.groups.front(), row(Operation::GetJobs))
                  .attributes.empty());
}

TEST(RequestJudgement, WhatIsAskedOfAJobMayStandInEitherGroup) {
  auto message = request(Operation::PrintJob);
  message.groups.front().add_keyword("job-hold-until", "indefinite");
  message.groups.front().add_integer("copies", 7);
  message.add_group(ipp::GroupTag::Job).add_integer("copies", 2);
  EXPECT_TRUE(judge_operation_attributes(message.groups.front(), row(Operation::PrintJob))
                  .attributes.empty());
  const auto wishes = wishes_of(message);
  EXPECT_EQ(wishes.find_text("job-hold-until"), "indefinite");
  EXPECT_EQ(wishes.find_integer("copies"), 2) << "the job group wins";
  EXPECT_EQ(wishes.attributes.size(), 2U);
}

TEST(RequestJudgement, EveryOperationsAttributesHaveATypeAndBelongToTheOperation) {
  for (const OperationRow& one : operation_rows()) {
    for (const auto name : one.attributes) {
      const auto* type = ipp::find_attribute_type(name);
      ASSERT_NE(type, nullptr) << name;
      EXPECT_TRUE(type->group == ipp::GroupTag::Operation || name == "job-hold-until") << name;
    }
  }
}

TEST(RequestJudgement, ControlCharactersBecomeBlanks) {
  EXPECT_EQ(without_controls("Wiki\x13pedia\n\x1b"
                             "E"),
            "Wiki pedia  E");
  EXPECT_EQ(without_controls("a\x7f"
                             "b\xc2\x85"
                             "c\xe2\x80\xae"
                             "d\xe2\x81\xa6"
                             "e\xe2\x80\xa8"
                             "f"),
            "a b c d e f");
  for (const auto* text : {"", "Büro", "\xe2\x80\x99", "\xe2\x81\xa0", "日本語", "😀", "\xc2\xa0"})
    EXPECT_EQ(without_controls(text), text);
}

TEST(RequestJudgement, NamesAndTextsAreCleanedWhereverTheyStand) {
  auto message = request(Operation::PrintJob);
  message.groups.front().add_name("job-name",
                                  "a\x1b"
                                  "b");
  message.groups.front().add("document-name",
                             Value::with_language(Tag::NameWithLanguage, "de", "c\nd"));
  ipp::AttributeList members;
  members.add_text("media-info", "e\tf");
  message.add_group(ipp::GroupTag::Job).add_collection("media-col", members);
  clean_texts(message);
  EXPECT_EQ(message.groups.front().find_text("job-name"), "a b");
  EXPECT_EQ(message.groups.front().find_text("document-name"), "c d");
  EXPECT_EQ(message.groups.front().find("document-name")->values.front().find_language(), "de");
  EXPECT_EQ(message.groups.back().find_collection("media-col")->find_text("media-info"), "e f");
}

TEST(AttributeTable, B4_OnlyWhatShowsWhoseTurnItIsIsEverybodys) {
  access::Caller stranger;
  stranger.identity.name = "mallory";
  access::Caller owner;
  owner.identity.name = "alice";
  access::Caller olga;
  olga.identity.name = "olga";
  olga.right = access::Right::Operator;
  for (const auto* name : {"job-id", "job-uri", "job-state", "job-state-reasons", "job-k-octets",
                           "job-originating-user-name", "time-at-creation"}) {
    EXPECT_TRUE(may_see(audience_of_job(name), stranger, &owner.identity)) << name;
  }
  for (const auto* name :
       {"job-name", "job-state-message", "document-name-supplied", "document-format-supplied",
        "imprimatur-delivered-to", "imprimatur-owner-certificate", "sides", "media", "job-priority",
        "job-hold-until", "copies", "an-attribute-of-tomorrow"}) {
    EXPECT_FALSE(may_see(audience_of_job(name), stranger, &owner.identity)) << name;
    EXPECT_TRUE(may_see(audience_of_job(name), owner, &owner.identity)) << name;
    EXPECT_TRUE(may_see(audience_of_job(name), olga, &owner.identity)) << name;
  }
  EXPECT_FALSE(may_see(audience_of_printer("device-uri"), stranger, nullptr));
  EXPECT_FALSE(may_see(audience_of_printer("device-uri"), owner, &owner.identity));
  EXPECT_TRUE(may_see(audience_of_printer("device-uri"), olga, nullptr));
  EXPECT_TRUE(may_see(audience_of_printer("printer-name"), stranger, nullptr));
}

}  // namespace
}  // namespace ipm::print
