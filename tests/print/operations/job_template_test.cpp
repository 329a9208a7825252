#include "print/operations/job_template.h"

#include <gtest/gtest.h>

#include "print/printer_description.h"

namespace ipm::print {
namespace {

using ipp::Attribute;
using ipp::AttributeList;
using ipp::Tag;
using ipp::Value;

// What an IPP device with two trays and custom sizes says.
AttributeList device() {
  AttributeList said;
  said.add_keywords("media-supported", {"iso_a4_210x297mm", "na_letter_8.5x11in",
                                        "custom_min_50x50mm", "custom_max_300x500mm"});
  said.add_keywords("media-col-supported", {"media-size", "media-size-name", "media-source",
                                            "media-type", "media-top-margin"});
  AttributeList a4;
  a4.add_integer("x-dimension", 21000);
  a4.add_integer("y-dimension", 29700);
  AttributeList custom;
  custom.add("x-dimension", Value::range(5000, 30000));
  custom.add("y-dimension", Value::range(5000, 50000));
  said.add("media-size-supported", {Value::collection(a4), Value::collection(custom)});
  said.add_keywords("media-source-supported", {"auto", "tray-1", "tray-2"});
  said.add_keywords("media-type-supported", {"stationery", "labels"});
  said.add_integers("media-top-margin-supported", Tag::Integer, std::vector<int>{0, 423});
  said.add_keywords("sides-supported", {"one-sided", "two-sided-long-edge"});
  said.add_integers("finishings-supported", Tag::Enum, std::vector<int>{3, 4});
  said.add_range("number-up-supported", 1, 4);
  said.add_boolean("page-ranges-supported", true);
  return said;
}

AttributeList description() {
  output::DeviceDescription said;
  said.capabilities = device();
  return describe_printer({}, "ipp://printer/ipp/print", {}, &said);
}

AttributeList media_col(int x, int y) {
  AttributeList size;
  size.add_integer("x-dimension", x);
  size.add_integer("y-dimension", y);
  AttributeList col;
  col.add_collection("media-size", size);
  return col;
}

AcceptedTemplate judge(Attribute attribute) {
  AttributeList requested;
  requested.add(std::move(attribute));
  return judge_template(requested, description());
}
Attribute one(std::string name, Value value) {
  return {std::move(name), {std::move(value)}};
}
Value keyword(std::string text) {
  return Value::string(Tag::Keyword, std::move(text));
}

TEST(JobTemplate, WhatIsSupportedIsAccepted) {
  for (const auto& attribute :
       {one("copies", Value::integer(999)), one("sides", keyword("two-sided-long-edge")),
        one("media", keyword("na_letter_8.5x11in")), one("media", keyword("custom_x_60x70mm")),
        one("media", Value::string(Tag::Name, "iso_a4_210x297mm")),
        one("number-up", Value::integer(4)), one("job-priority", Value::integer(100)),
        one("finishings", Value::integer(4, Tag::Enum)), one("page-ranges", Value::range(1, 3)),
        one("media-col", Value::collection(media_col(21000, 29700))),
        one("media-col", Value::collection(media_col(6000, 7000)))}) {
    const auto judged = judge(attribute);
    EXPECT_EQ(judged.accepted.attributes, std::vector<Attribute>{attribute}) << attribute.name;
    EXPECT_TRUE(judged.unsupported.attributes.empty()) << attribute.name;
  }
}

TEST(JobTemplate, WhatIsNotSupportedIsToldAndNotAccepted) {
  const auto refused = [](const Attribute& attribute) {
    const auto judged = judge(attribute);
    EXPECT_TRUE(judged.accepted.attributes.empty()) << attribute.name;
    EXPECT_TRUE(judged.unsupported.contains(attribute.name)) << attribute.name;
  };
  refused(one("sides", keyword("two-sided-short-edge")));
  refused(one("copies", Value::integer(0)));
  refused(one("copies", Value::integer(1000)));
  refused(one("job-priority", Value::integer(0)));
  refused(one("job-priority", Value::integer(101)));
  refused(one("number-up", Value::integer(5)));
  refused(one("finishings", Value::integer(99, Tag::Enum)));
  for (const auto* media :
       {"iso_nonsense_1x1mm", "iso_a3_297x420mm", "na_x_4x6in", "custom_x_10x10mm",
        "custom_x_310x70mm", "custom_x", "", "oe_x_60x70mm"})
    refused(one("media", keyword(media)));
  refused(one("x-unknown", keyword("yes")));
  refused(one("print-scaling", keyword("fit")));  // known, but the device does not say so
}

// RFC 8011, 5.2: one value, of this type.
TEST(JobTemplate, SeveralValuesOrTheWrongTypeAreNotSupported) {
  const auto refused = [](const Attribute& attribute) {
    const auto judged = judge(attribute);
    EXPECT_TRUE(judged.accepted.attributes.empty()) << attribute.name;
    EXPECT_EQ(judged.unsupported.attributes, std::vector<Attribute>{attribute});
  };
  refused({"copies", {Value::integer(3), Value::integer(2)}});
  refused({"sides", {keyword("one-sided"), keyword("two-sided-long-edge")}});
  refused({"job-priority", {Value::integer(1), Value::integer(100)}});
  const auto a4 = Value::collection(media_col(21000, 29700));
  refused({"media-col", {a4, a4}});
  refused({"media", {keyword("iso_a4_210x297mm"), keyword("na_letter_8.5x11in")}});
  refused(one("copies", Value::integer(2, Tag::Enum)));
  refused(one("copies", Value::range(1, 2)));
  refused(one("copies", keyword("2")));
  refused(one("sides", Value::string(Tag::Text, "one-sided")));
  refused(one("sides", Value::string(Tag::Name, "one-sided")));
  refused(one("media-col", keyword("iso_a4_210x297mm")));
  refused(one("page-ranges", Value::integer(1)));
  refused(one("copies", Value::out_of_band(Tag::NoValue)));
  const Attribute finishings{"finishings",
                             {Value::integer(3, Tag::Enum), Value::integer(4, Tag::Enum)}};
  EXPECT_TRUE(judge(finishings).unsupported.attributes.empty()) << "a 1setOf";
}

TEST(JobTemplate, CollectionsAreJudgedByTheirValues) {
  const auto bad = [](const char* name, Value value) {
    AttributeList col = media_col(21000, 29700);
    col.add(name, std::move(value));
    const auto judged = judge(one("media-col", Value::collection(col)));
    EXPECT_TRUE(judged.accepted.attributes.empty()) << name;
    const auto* told = judged.unsupported.find_collection("media-col");
    ASSERT_NE(told, nullptr) << name;
    EXPECT_EQ(told->attributes.size(), 1U) << "only what is wrong";
    EXPECT_TRUE(told->contains(name));
  };
  bad("media-type", keyword("gold-leaf"));
  bad("media-source", keyword("tray-99"));
  bad("media-top-margin", Value::integer(-5));
  bad("media-size-name", keyword("iso_a3_297x420mm"));
  bad("media-bottom-margin", Value::integer(423));  // no member of media-col-supported
  bad("media-color", keyword("white"));
  bad("x-member", keyword("x"));
  bad("media-type", Value::integer(3));
  for (const auto& [x, y] : {std::pair{1, 2}, {21000, 50001}, {0, 0}, {-21000, 29700}}) {
    const auto judged = judge(one("media-col", Value::collection(media_col(x, y))));
    EXPECT_TRUE(judged.accepted.attributes.empty()) << x;
    EXPECT_TRUE(judged.unsupported.contains("media-col")) << x;
  }
  AttributeList odd;
  odd.add_collection("media-size", {});
  EXPECT_TRUE(judge(one("media-col", Value::collection(odd))).accepted.attributes.empty());
  EXPECT_TRUE(judge(one("media-col", Value::collection({}))).accepted.attributes.empty());
}

TEST(JobTemplate, ShortMediaNamesAreReplacedByWhatTheyStandFor) {
  const auto a4 = judge(one("media", keyword("A4")));
  EXPECT_EQ(a4.accepted.find_text("media"), "iso_a4_210x297mm");
  EXPECT_TRUE(a4.unsupported.attributes.empty());

  const auto tray = judge(one("media", keyword("A4,Tray2")));
  ASSERT_NE(tray.accepted.find_collection("media-col"), nullptr);
  EXPECT_EQ(tray.accepted.find_collection("media-col")->find_text("media-source"), "tray-2");
  EXPECT_FALSE(tray.accepted.contains("media"));
  EXPECT_TRUE(tray.unsupported.attributes.empty());

  const auto absent = judge(one("media", keyword("A4,Tray9")));
  EXPECT_EQ(absent.accepted.find_text("media"), "iso_a4_210x297mm");
  EXPECT_TRUE(absent.unsupported.contains("media")) << "the tray is told";

  EXPECT_TRUE(judge(one("media", keyword("A3"))).accepted.attributes.empty());
  EXPECT_TRUE(judge(one("media", keyword("A4.Borderless"))).unsupported.contains("media"));
}

TEST(JobTemplate, ContradictionsAreComplaints) {
  AttributeList both;
  both.add_keyword("media", "iso_a4_210x297mm");
  both.add_collection("media-col", media_col(21000, 29700));
  EXPECT_FALSE(judge_template(both, description()).complaint.empty());
  for (const auto& ranges : {std::vector{Value::range(3, 4), Value::range(1, 2)},
                             std::vector{Value::range(1, 4), Value::range(4, 5)},
                             std::vector{Value::range(0, 1)}, std::vector{Value::range(5, 4)}}) {
    AttributeList list;
    list.add("page-ranges", ranges);
    EXPECT_FALSE(judge_template(list, description()).complaint.empty());
  }
}

TEST(JobTemplate, FormatsAreFoundWhateverTheirCaseAndParameters) {
  AttributeList list;
  list.add_strings("document-format-supported", Tag::MimeMediaType,
                   {"application/pdf", "application/vnd.hp-PCL"});
  EXPECT_EQ(find_format(list, "Application/PDF"), "application/pdf");
  EXPECT_EQ(find_format(list, "application/pdf; version=1.7"), "application/pdf");
  EXPECT_EQ(find_format(list, "application/vnd.hp-pcl"), "application/vnd.hp-PCL");
  EXPECT_FALSE(find_format(list, "application/pdfx"));
  EXPECT_FALSE(find_format(list, ""));
}

}  // namespace
}  // namespace ipm::print
