#include "ipp/options.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ipp/attribute_text.h"
#include "ipp/attribute_types.h"
#include "ipp/limits.h"

namespace ipm::ipp {
namespace {

Value only(std::string_view option) {
  const Attribute attribute = parse_option(option);
  EXPECT_EQ(attribute.values.size(), 1U) << option;
  return attribute.values.front();
}

void expect_refused(std::string_view option) {
  try {
    parse_options(option);
    ADD_FAILURE() << option << " was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), ipm::Message::UsageWrong) << option;
    EXPECT_FALSE(error.expected().empty());
  }
}

TEST(Options, KnownAttributesHaveTheirTypes) {
  EXPECT_EQ(only("copies=2"), Value::integer(2));
  EXPECT_EQ(only("sides=two-sided-long-edge"), Value::string(Tag::Keyword, "two-sided-long-edge"));
  EXPECT_EQ(only("media=iso_a4_210x297mm"), Value::string(Tag::Keyword, "iso_a4_210x297mm"));
  EXPECT_EQ(only("media=My Paper"), Value::string(Tag::Name, "My Paper"));
  EXPECT_EQ(only("print-quality=high"), Value::integer(5, Tag::Enum));
  EXPECT_EQ(only("print-quality=4"), Value::integer(4, Tag::Enum));
  EXPECT_EQ(only("orientation-requested=landscape"), Value::integer(4, Tag::Enum));
  EXPECT_EQ(only("printer-resolution=600dpi"),
            Value::resolution({600, 600, Resolution::DotsPerInch}));
  EXPECT_EQ(only("printer-resolution=240x120dpcm"),
            Value::resolution({240, 120, Resolution::DotsPerCentimetre}));
  EXPECT_EQ(only("job-hold-until=indefinite"), Value::string(Tag::Keyword, "indefinite"));
  EXPECT_EQ(only("job-hold-until=12:30"), Value::string(Tag::Name, "12:30"));
  EXPECT_EQ(only("job-hold-until-time=2029-05-21T10:33:41Z"),
            Value::date_time(DateTime::from(*parse_rfc3339("2029-05-21T10:33:41Z"))));
  EXPECT_EQ(only("ipp-attribute-fidelity=true"), Value::boolean(true));
  EXPECT_EQ(only("ipp-attribute-fidelity=no"), Value::boolean(false));
  EXPECT_EQ(only("ipp-attribute-fidelity"), Value::boolean(true));
  EXPECT_EQ(only("document-format=application/pdf"),
            Value::string(Tag::MimeMediaType, "application/pdf"));
  EXPECT_EQ(only("job-name=Quarterly, final"), Value::string(Tag::Name, "Quarterly, final"));
  EXPECT_EQ(only("job-name=42"), Value::string(Tag::Name, "42"));
}

TEST(Options, CommasSeparateTheValuesOfSets) {
  EXPECT_EQ(
      parse_option("page-ranges=1-4,7,9-").values,
      (std::vector<Value>{Value::range(1, 4), Value::range(7, 7), Value::range(9, 2147483647)}));
  EXPECT_EQ(parse_option("finishings=staple,punch,22").values,
            (std::vector<Value>{Value::integer(4, Tag::Enum), Value::integer(5, Tag::Enum),
                                Value::integer(22, Tag::Enum)}));
  EXPECT_EQ(
      parse_option("unknown=a,'b,c'").values,
      (std::vector<Value>{Value::string(Tag::Keyword, "a"), Value::string(Tag::Name, "b,c")}));
}

TEST(Options, CollectionsNest) {
  const Attribute media = parse_option(
      "media-col={media-size={x-dimension=21000 y-dimension=29700} media-type='My type' x=1,2}");
  const Collection* members = media.values.front().find_collection();
  ASSERT_TRUE(members);
  EXPECT_EQ(members->find_collection("media-size")->find_integer("y-dimension"), 29700);
  EXPECT_EQ(members->find("media-type")->values[0], Value::string(Tag::Name, "My type"));
  EXPECT_EQ(members->find_all_integers("x"), (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(parse_option("finishings-col={finishing-template=bind},{finishing-template=fold}")
                .values.size(),
            2U);
  EXPECT_TRUE(only("media-col={}").find_collection()->attributes.empty());
  EXPECT_TRUE(only("media-col={ }").find_collection()->attributes.empty());
}

TEST(Options, UnknownAttributesAreGuessed) {
  EXPECT_EQ(only("x=42"), Value::integer(42));
  EXPECT_EQ(only("x=-42"), Value::integer(-42));
  EXPECT_EQ(only("x=true"), Value::boolean(true));
  EXPECT_EQ(only("x=on"), Value::string(Tag::Keyword, "on"));
  EXPECT_EQ(only("x=1-4"), Value::range(1, 4));
  EXPECT_EQ(only("x=4-1"), Value::string(Tag::Keyword, "4-1"));
  EXPECT_EQ(only("x=600dpi"), Value::resolution({600, 600, Resolution::DotsPerInch}));
  EXPECT_EQ(only("x=Some.Keyword_1"), Value::string(Tag::Keyword, "Some.Keyword_1"));
  EXPECT_EQ(only("x='42'"), Value::string(Tag::Name, "42"));
  EXPECT_EQ(only("x="), Value::string(Tag::Name, ""));
  EXPECT_EQ(only("x=büro"), Value::string(Tag::Name, "büro"));
  EXPECT_EQ(only("x='" + std::string(256, 'a') + " '"),
            Value::string(Tag::Text, std::string(256, 'a') + " "));
  EXPECT_EQ(only("x=99999999999"), Value::string(Tag::Keyword, "99999999999"));
  EXPECT_EQ(only("x"), Value::boolean(true));
}

TEST(Options, SeveralStandInOneText) {
  const AttributeList list =
      parse_options("  copies=2 sides=one-sided job-name=\"a b\" \t copies=3 collate ");
  ASSERT_EQ(list.attributes.size(), 4U);
  EXPECT_EQ(list.find_integer("copies"), 3);
  EXPECT_EQ(list.find_text("job-name"), "a b");
  EXPECT_EQ(list.find_boolean("collate"), true);
  EXPECT_TRUE(parse_options("").attributes.empty());
}

TEST(Options, WrongValuesAreRefusedWithWhatFits) {
  for (const char* wrong : {"copies=two",
                            "copies=",
                            "copies",
                            "copies=2,3",
                            "copies=99999999999",
                            "copies=2x",
                            "copies={a=1}",
                            "sides=a\\ b",
                            "sides=",
                            "sides",
                            "print-quality=best",
                            "page-ranges=4-1",
                            "page-ranges=",
                            "page-ranges=-",
                            "page-ranges=a",
                            "page-ranges=1-2-3",
                            "printer-resolution=600",
                            "printer-resolution=dpi",
                            "printer-resolution=0dpi",
                            "printer-resolution=600x",
                            "printer-resolution=600xdpi",
                            "ipp-attribute-fidelity=maybe",
                            "job-hold-until-time=tomorrow",
                            "media-col=a4",
                            "media-col={a=1",
                            "media-col={a=1}}",
                            "media-col={{a=1}}",
                            "media-col={a=1}x",
                            "media-col={a=1},{b=2}",
                            "=1",
                            "a b=1 =2",
                            "{a=1}",
                            "job-name='a",
                            "job-name=\"a",
                            "x=\xff",
                            "job-name=\xff",
                            "}",
                            "a=1 }"}) {
    expect_refused(wrong);
  }
  expect_refused("job-name=" + std::string(256, 'a'));
  expect_refused("sides=" + std::string(256, 'a'));
  expect_refused(std::string(256, 'a') + "=1");
  expect_refused("x=" + std::string(kOptionBytesMax, 'a'));
  std::string deep;
  for (std::size_t i = 0; i <= kCollectionDepthMax; ++i) deep += "x={";
  expect_refused(deep);
}

TEST(Options, EachGoesToItsGroup) {
  EXPECT_EQ(group_of_option("copies"), GroupTag::Job);
  EXPECT_EQ(group_of_option("ipp-attribute-fidelity"), GroupTag::Operation);
  EXPECT_EQ(group_of_option("document-format"), GroupTag::Operation);
  EXPECT_EQ(group_of_option("something-else"), GroupTag::Job);
}

TEST(Options, TheTextOfOptionsReadsAsTheSameOptions) {
  for (const char* text :
       {"copies=2", "sides=one-sided", "print-quality=high", "page-ranges=1-4,7",
        "printer-resolution=600x300dpi", "job-hold-until-time=2029-05-21T10:33:41Z", "collate=true",
        "x=a,'b c'", "job-name='a b'", "job-name='it\\'s'",
        "media-col={media-size={x-dimension=21000 y-dimension=29700} media-type='{odd}'}"}) {
    const AttributeList list = parse_options(text);
    EXPECT_EQ(to_text(list), text);
    EXPECT_EQ(parse_options(to_text(list)), list);
  }
}

}  // namespace
}  // namespace ipm::ipp
