#include "ipp/encoder.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ipp/codec.h"

namespace ipm::ipp {
namespace {

TEST(Encoder, WritesWhatTheMessageWouldHave) {
  const Header request{{1, 1}, 0x0b, 42};
  const TimePoint now{std::chrono::seconds(1'700'000'000)};
  Message message = Message::reply(Status::Ok, request);
  Group& group = message.add_group(GroupTag::Printer);
  group.add_integer("queued-job-count", 3);
  group.add_enum("printer-state", 4);
  group.add_boolean("printer-is-accepting-jobs", true);
  group.add_keyword("printer-state-reasons", "none");
  group.add_keywords("sides-supported", {"one-sided", "two-sided-long-edge"});
  group.add_uri("printer-uri-supported", "ipp://h/ipp/print");
  group.add_name("printer-name", "a");
  group.add_text("printer-info", "A printer");
  group.add_range("copies-supported", 1, 99);
  group.add_date_time("printer-current-time", now);
  group.add_no_value("media-default");
  group.add("x", Value::with_language(Tag::TextWithLanguage, "en", "t"));

  Encoder encoder(Status::Ok, request, 8);
  encoder.begin_group(GroupTag::Printer);
  encoder.add_integer("queued-job-count", 3);
  encoder.add_enum("printer-state", 4);
  encoder.add_boolean("printer-is-accepting-jobs", true);
  encoder.add_keyword("printer-state-reasons", "none");
  encoder.add_keywords("sides-supported", {"one-sided", "two-sided-long-edge"});
  encoder.add_uri("printer-uri-supported", "ipp://h/ipp/print");
  encoder.add_name("printer-name", "a");
  encoder.add_text("printer-info", "A printer");
  encoder.add_range("copies-supported", 1, 99);
  encoder.add_date_time("printer-current-time", now);
  encoder.add_no_value("media-default");
  encoder.add_value("x", Value::with_language(Tag::TextWithLanguage, "en", "t"));
  EXPECT_EQ(encoder.finish(), encode(message));
}

TEST(Encoder, ARepliesVersionIsOneThatIsSupported) {
  auto version = [](int major, int minor) {
    const Header request{
        {static_cast<std::uint8_t>(major), static_cast<std::uint8_t>(minor)}, 0x0b, 1};
    return reply_header(Status::Ok, request).version;
  };
  EXPECT_EQ(version(1, 0), (Version{1, 0}));
  EXPECT_EQ(version(1, 9), (Version{1, 1}));
  EXPECT_EQ(version(2, 2), (Version{2, 2}));
  EXPECT_EQ(version(2, 7), (Version{2, 2}));
  EXPECT_EQ(version(0, 0), (Version{1, 1}));
  EXPECT_EQ(version(255, 255), (Version{2, 2}));
}

AttributeList many_attributes() {
  AttributeList list;
  for (int i = 0; i < 300; ++i) {
    list.add_integer("attribute-" + std::to_string(i), i);
    list.add_keywords("set-" + std::to_string(i), {"a", "b", "c"});
  }
  Collection media;
  media.add_keyword("media-type", "stationery");
  list.add("media-col-ready", {Value::collection(media), Value::collection({})});
  return list;
}

TEST(EncodedAttributes, AReplyIsAConcatenation) {
  const AttributeList list = many_attributes();
  const EncodedAttributes encoded(list);
  EXPECT_EQ(encoded.size(), list.attributes.size());
  Encoder whole(Header{});
  whole.begin_group(GroupTag::Printer);
  whole.add_encoded(encoded.all());
  Message message{{}, {}};
  message.add_group(GroupTag::Printer).attributes = list.attributes;
  EXPECT_EQ(whole.finish(), encode(message));
}

TEST(EncodedAttributes, EachIsFoundByName) {
  const AttributeList list = many_attributes();
  const EncodedAttributes encoded(list);
  std::size_t at = 0;
  for (const Attribute& attribute : list.attributes) {
    Encoder one(Header{});
    one.begin_group(GroupTag::Printer);
    one.add_encoded(encoded.find(attribute.name));
    one.add_encoded(encoded.find("absent"));
    const Decoded decoded = decode(one.finish());
    ASSERT_EQ(decoded.message.groups[0].attributes.size(), 1U);
    EXPECT_EQ(decoded.message.groups[0].attributes[0], attribute);
  }
  encoded.for_each([&](std::string_view name, std::string_view bytes) {
    EXPECT_EQ(name, list.attributes.at(at++).name);
    EXPECT_EQ(bytes, encoded.find(name));
  });
  EXPECT_FALSE(encoded.contains("attribute-300"));
  EXPECT_FALSE(encoded.contains(""));
  EXPECT_FALSE(EncodedAttributes().contains("x"));
}

TEST(EncodedAttributes, TheFirstOfEqualNamesIsFound) {
  AttributeList list;
  for (int i = 0; i < 40; ++i) list.add_integer("same", i);
  const EncodedAttributes encoded(list);
  EXPECT_EQ(encoded.size(), 40U);
  EXPECT_EQ(encoded.find("same").back(), '\0');
}

TEST(EncodedAttributes, WhatCannotBeEncodedIsRefusedAndLeavesNothing) {
  EncodedAttributes encoded;
  EXPECT_THROW(encoded.add({"x", {}}), Error);
  EXPECT_THROW(encoded.add({"x",
                            {Value::string(Tag::Text, "ok"),
                             Value::string(Tag::Text, std::string(40000, 'x'))}}),
               Error);
  EXPECT_EQ(encoded.all(), "");
}

}  // namespace
}  // namespace ipm::ipp
