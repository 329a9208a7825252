#include "ipp/attribute_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ipm::ipp {
namespace {

using std::string_literals::operator""s;

TEST(AttributeText, EachTypeReadsWell) {
  EXPECT_EQ(to_text(Value::integer(-3)), "-3");
  EXPECT_EQ(to_text(Value::integer(5, Tag::Enum), "job-state"), "processing");
  EXPECT_EQ(to_text(Value::integer(5, Tag::Enum), "unknown"), "5");
  EXPECT_EQ(to_text(Value::integer(5, Tag::Integer), "job-state"), "5");
  EXPECT_EQ(to_text(Value::integer(0x3b, Tag::Enum), "operations-supported"), "Close-Job");
  EXPECT_EQ(to_text(Value::boolean(true)), "true");
  EXPECT_EQ(to_text(Value::range(1, 4)), "1-4");
  EXPECT_EQ(to_text(Value::range(7, 7)), "7");
  EXPECT_EQ(to_text(Value::resolution({600, 600, 3})), "600dpi");
  EXPECT_EQ(to_text(Value::resolution({240, 120, 4})), "240x120dpcm");
  EXPECT_EQ(to_text(Value::resolution({1, 1, 9})), "1units9");
  EXPECT_EQ(to_text(Value::date_time(DateTime::from(*parse_rfc3339("2029-05-21T10:33:41Z")))),
            "2029-05-21T10:33:41Z");
  EXPECT_EQ(to_text(Value::date_time({})), "0x0000000000000000000000");
  EXPECT_EQ(to_text(Value::string(Tag::OctetString, "\0\xff"s)), "0x00ff");
  EXPECT_EQ(to_text(Value::with_language(Tag::TextWithLanguage, "hu", "Ő")), "Ő");
  EXPECT_EQ(to_text(Value::out_of_band(Tag::NoValue)), "no-value");
  EXPECT_EQ(to_text(Value::out_of_band(static_cast<Tag>(0x14))), "0x14");
}

TEST(AttributeText, ForeignTextCannotForgeALine) {
  AttributeList list;
  list.add_text("evil\nname", "a\nb\x1b[31m\xff");
  for (const std::string& text :
       {to_text(list), to_text(list.attributes[0]), to_text(list.attributes[0].values[0])}) {
    EXPECT_EQ(text.find_first_of("\n\x1b\xff"), std::string::npos) << text;
  }
}

TEST(AttributeText, JsonHasNumbersBooleansStringsArraysAndObjects) {
  AttributeList list;
  list.add_integer("copies", 2);
  list.add_enum("job-state", 9);
  list.add_enum("unknown-enum", 9);
  list.add_boolean("collate", true);
  list.add_keywords("sides-supported", {"one-sided", "two-sided-long-edge"});
  list.add_range("page-ranges", 1, 4);
  list.add_no_value("job-message");
  list.add_text("text", "Ő\"");
  list.add_text("broken", "\xff");
  list.add_octets("octets", "\x01");
  Collection members;
  members.add_integer("x-dimension", 21000);
  list.add_collection("media-size", members);
  list.add("none", std::vector<Value>());
  EXPECT_EQ(
      to_json(list),
      nlohmann::json::parse(R"({"copies":2,"job-state":"completed","unknown-enum":9,"collate":true,
    "sides-supported":["one-sided","two-sided-long-edge"],"page-ranges":{"lower":1,"upper":4},"job-message":null,
    "text":"Ő\"","broken":"\\xff","octets":"01","media-size":{"x-dimension":21000},"none":[]})"));
  EXPECT_NO_THROW(to_json(list).dump());
}

TEST(AttributeText, AMessageIsDescribedLineByLine) {
  Message request = Message::request(Operation::PrintJob, 7, {2, 1});
  request.add_group(static_cast<GroupTag>(0x0f)).add_keywords("k", {"a", "b"});
  EXPECT_EQ(describe_request(request),
            "request Print-Job, IPP/2.1, request-id 7\n"
            "  operation-attributes-tag\n"
            "    attributes-charset (charset) = utf-8\n"
            "    attributes-natural-language (naturalLanguage) = en\n"
            "  group 0x0f\n"
            "    k (1setOf keyword) = a,b\n");
  request.header.code = 0x0499;
  EXPECT_TRUE(describe_reply(request).starts_with("reply 0x0499, "));
}

}  // namespace
}  // namespace ipm::ipp
