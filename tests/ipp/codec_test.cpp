#include "ipp/codec.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/error.h"
#include "raw_section.h"

namespace ipm::ipp {
namespace {

using std::string_literals::operator""s;

Message sample_request() {
  Message request = Message::request(Operation::PrintJob, 7);
  request.groups[0].add_uri("printer-uri", "ipp://localhost/ipp/print");
  request.groups[0].add("requesting-user-name",
                        Value::with_language(Tag::NameWithLanguage, "hu", "Ágnes"));
  Group& job = request.add_group(GroupTag::Job);
  job.add_integer("copies", -2147483647 - 1);
  job.add_boolean("collate", true);
  job.add_enum("print-quality", 5);
  job.add_keywords("media-supported", {"iso_a4_210x297mm", "na_letter_8.5x11in"});
  job.add_range("page-ranges", 1, 2147483647);
  job.add_resolution("printer-resolution", 600, 300, Resolution::DotsPerCentimetre);
  job.add_date_time("job-hold-until-time", TimePoint(std::chrono::seconds(1'000'000'000)));
  job.add_octets("job-password", "\0\xff secret"s);
  job.add_no_value("job-message");
  job.add_text("empty", "");
  Collection size;
  size.add_integer("x-dimension", 21000);
  size.add_integer("y-dimension", 29700);
  Collection media;
  media.add_collection("media-size", size);
  media.add_keywords("media-type", {"stationery", "photographic"});
  job.add("media-col-ready",
          {Value::collection(media), Value::collection({}), Value::collection(size)});
  job.add("mixed", {Value::string(Tag::Keyword, "auto"), Value::string(Tag::Name, "Tray 1"),
                    Value::integer(4)});
  return request;
}

std::string refusal_of(std::string_view bytes, ipm::Message expected = ipm::Message::IppMalformed) {
  try {
    decode(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), expected) << error.what();
    return error.happened();
  }
  ADD_FAILURE() << "was accepted";
  return {};
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Codec, ARequestComesBackAsItWasAndTheDocumentIsLeftAlone) {
  const Message request = sample_request();
  const std::string bytes = encode(request);
  const Decoded whole = decode(bytes + "%PDF-1.7");
  EXPECT_EQ(whole.bytes, bytes.size());
  EXPECT_EQ(whole.message, request);
  EXPECT_EQ(encode(whole.message), bytes);
}

TEST(Codec, TheBytesAreThoseOfTheStandard) {  // RFC 8010, A.1, shortened
  Message request = Message::request(Operation::PrintJob, 1, {1, 1});
  Group& job = request.add_group(GroupTag::Job);
  job.add_integer("copies", 20);
  job.add_keyword("sides", "two-sided-long-edge");
  EXPECT_EQ(encode(request),
            "\x01\x01\x00\x02\x00\x00\x00\x01\x01"
            "\x47\x00\x12"
            "attributes-charset\x00\x05utf-8"
            "\x48\x00\x1b"
            "attributes-natural-language\x00\x02"
            "en"
            "\x02\x21\x00\x06"
            "copies\x00\x04\x00\x00\x00\x14"
            "\x44\x00\x05sides\x00\x13two-sided-long-edge\x03"s);
}

TEST(Codec, CollectionsAreWrittenAsTheStandardSays) {  // RFC 8010, 3.1.7 and A.7
  Message request{{}, {}};
  Collection size;
  size.add_integer("x-dimension", 6);
  Collection media;
  media.add_keyword("media-color", "blue");
  media.add_collection("media-size", size);
  request.add_group(GroupTag::Job)
      .add("media-col", {Value::collection(media), Value::collection({})});
  const std::string expected = RawSection("\2\0\0\0\0\0\0\0"s)
                                   .octet(2)
                                   .value(0x34, "media-col", "")
                                   .value(0x4a, "", "media-color")
                                   .value(0x44, "", "blue")
                                   .value(0x4a, "", "media-size")
                                   .value(0x34, "", "")
                                   .value(0x4a, "", "x-dimension")
                                   .value(0x21, "", "\0\0\0\6"s)
                                   .value(0x37, "", "")
                                   .value(0x37, "", "")
                                   .value(0x34, "", "")
                                   .value(0x37, "", "")
                                   .end();
  EXPECT_EQ(encode(request), expected);
  EXPECT_EQ(decode(expected).message, request);
}

TEST(Codec, PiecesOfAnySizeGiveTheSameMessage) {
  const Message request = sample_request();
  const std::string bytes = encode(request) + "DOCUMENT";
  for (std::size_t size = 1; size < 40; ++size) {
    Decoder decoder;
    std::size_t at = 0;
    while (!decoder.complete()) {
      const std::string_view piece = std::string_view(bytes).substr(at, size);
      const std::size_t taken = decoder.feed(piece);
      ASSERT_TRUE(taken == piece.size() || decoder.complete());
      at += taken;
    }
    EXPECT_EQ(bytes.substr(at), "DOCUMENT") << size;
    EXPECT_EQ(decoder.bytes(), at);
    EXPECT_EQ(decoder.feed("more"), 0U);
    EXPECT_EQ(decoder.take(), request) << size;
  }
}

TEST(Codec, SingleOctetsCostLinearTime) {
  Message request = Message::request(Operation::PrintJob, 1);
  for (int i = 0; i < 30; ++i)
    request.groups[0].add_octets("x" + std::to_string(i), std::string(32767, 'x'));
  const std::string bytes = encode(request);
  ASSERT_GT(bytes.size(), 980'000U);
  const auto begin = std::chrono::steady_clock::now();
  Decoder decoder;
  for (const char& octet : bytes) decoder.feed(std::string_view(&octet, 1));
  ASSERT_TRUE(decoder.complete());
  EXPECT_EQ(encode(decoder.take()), bytes);
  // Reading again from the beginning with each octet would move 480 GB.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(Codec, ASectionWithoutGroupsIsAMessage) {
  const Decoded empty = decode(RawSection().end());
  EXPECT_TRUE(empty.message.groups.empty());
  EXPECT_EQ(empty.bytes, 9U);
}

TEST(Codec, EveryTruncationIsIncomplete) {
  const std::string bytes = encode(sample_request());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const std::string_view part = std::string_view(bytes).substr(0, length);
    Decoder decoder;
    EXPECT_EQ(decoder.feed(part), length);
    EXPECT_FALSE(decoder.complete());
    EXPECT_EQ(decoder.find_header().has_value(), length >= 8);
    EXPECT_THROW(decode(part), Error) << length;
  }
}

TEST(Codec, TheHeaderIsThereWhateverFollows) {
  const std::string broken = RawSection("\x02\x01\x00\x0b\x00\x00\x12\x34"s).octet(0).bytes();
  Decoder decoder;
  EXPECT_THROW(decoder.feed(broken), Error);
  ASSERT_TRUE(decoder.find_header());
  EXPECT_EQ(decoder.find_header()->request_id, 0x1234);
  EXPECT_EQ(find_header(broken), decoder.find_header());
  EXPECT_EQ(find_header(broken)->version, (Version{2, 1}));
  EXPECT_FALSE(find_header(std::string_view(broken).substr(0, 7)));
}

TEST(Codec, RefusesBrokenFraming) {
  EXPECT_TRUE(says(refusal_of(RawSection().octet(0).end()), "0x00"));
  EXPECT_TRUE(
      says(refusal_of(RawSection().value(0x21, "copies", "\0\0\0\1"s).end()), "before any group"));
  EXPECT_TRUE(says(refusal_of(RawSection().octet(1).value(0x21, "", "\0\0\0\1"s).end()),
                   "without an attribute's name"));
  EXPECT_TRUE(says(refusal_of(RawSection().operation().octet(2).value(0x44, "", "x").end()),
                   "without an attribute's name"));
  EXPECT_TRUE(says(refusal_of(RawSection().octet(1).value(0x80, "x", "").end()), "0x80"));
  EXPECT_TRUE(says(refusal_of(RawSection().octet(1).value(0xff, "x", "").end()), "0xff"));
  EXPECT_TRUE(says(refusal_of(RawSection().octet(1).octet(0x44).length(0x8000).text("x").bytes()),
                   "32768"));
  EXPECT_TRUE(says(refusal_of(RawSection().octet(1).octet(0x44).length(0xFFFF).bytes()), "65535"));
  EXPECT_TRUE(
      says(refusal_of(RawSection().octet(1).value(0x44, std::string(256, 'n'), "v").end()), "256"));
  EXPECT_TRUE(
      says(refusal_of(RawSection().octet(1).octet(0x44).length(1).text("n").length(0x8000).bytes()),
           "32768"));
}

TEST(Codec, RefusesFixedTypesOfAnotherLength) {
  for (const int tag : {0x21, 0x23, 0x22, 0x31, 0x32, 0x33}) {
    for (const std::size_t length : {0U, 1U, 3U, 4U, 5U, 7U, 8U, 9U, 10U, 11U, 12U}) {
      const bool right = (length == 4 && (tag == 0x21 || tag == 0x23)) ||
                         (length == 1 && tag == 0x22) || (length == 11 && tag == 0x31) ||
                         (length == 9 && tag == 0x32) || (length == 8 && tag == 0x33);
      const std::string bytes =
          RawSection().octet(1).value(tag, "x", std::string(length, '\1')).end();
      if (right)
        EXPECT_EQ(encode(decode(bytes).message), bytes);
      else
        EXPECT_TRUE(says(refusal_of(bytes), "bytes")) << tag << " " << length;
    }
  }
  EXPECT_TRUE(says(refusal_of(RawSection().octet(1).value(0x22, "x", "\2").end()), "boolean"));
  for (const int tag : {0x10, 0x11, 0x12, 0x13, 0x15, 0x16, 0x17}) {
    EXPECT_TRUE(says(refusal_of(RawSection().octet(1).value(tag, "x", "v").end()), "bytes")) << tag;
  }
}

TEST(Codec, RefusesTextWithLanguageWhoseLengthsDisagree) {
  for (const std::string& value :
       {""s, "\0"s, "\0\0\0"s, "\0\2en"s, "\0\2en\0"s, "\0\2en\0\5hell"s, "\0\2en\0\3hell"s,
        "\xff\xff"
        "en\0\0"s,
        "\0\3en\0\0"s, "\0\2en\xff\xff"s}) {
    for (const int tag : {0x35, 0x36}) {
      EXPECT_TRUE(
          says(refusal_of(RawSection().octet(1).value(tag, "x", value).end()), "contradict"));
    }
  }
  const Decoded good = decode(
      RawSection().octet(1).value(0x35, "x", "\0\0\0\0"s).value(0x36, "y", "\0\2en\0\1h"s).end());
  EXPECT_EQ(good.message.groups[0].find_text("x"), "");
  EXPECT_EQ(good.message.groups[0].find_text("y"), "h");
  EXPECT_EQ(good.message.groups[0].find("y")->values[0].find_language(), "en");
}

TEST(Codec, RefusesBrokenCollections) {
  auto begun = [] { return RawSection().octet(2).value(0x34, "media-col", ""); };
  EXPECT_TRUE(says(refusal_of(begun().end()), "inside a collection"));
  EXPECT_TRUE(says(refusal_of(begun().octet(4).bytes()), "inside a collection"));
  EXPECT_TRUE(
      says(refusal_of(begun().value(0x21, "copies", "\0\0\0\1"s).bytes()), "inside a collection"));
  EXPECT_TRUE(says(refusal_of(begun().value(0x37, "named", "").bytes()), "inside a collection"));
  EXPECT_TRUE(says(refusal_of(begun().value(0x4a, "named", "m").bytes()), "inside a collection"));
  EXPECT_TRUE(says(refusal_of(begun().value(0x21, "", "\0\0\0\1"s).bytes()),
                   "without an attribute's name"));
  EXPECT_TRUE(says(refusal_of(begun().value(0x34, "", "").bytes()), "without an attribute's name"));
  EXPECT_TRUE(says(refusal_of(begun().value(0x37, "", "v").bytes()), "carries a value"));
  EXPECT_TRUE(
      says(refusal_of(begun().value(0x4a, "", "m").value(0x37, "", "").bytes()), "no value"));
  EXPECT_TRUE(
      says(refusal_of(begun().value(0x4a, "", "m").value(0x4a, "", "n").bytes()), "no value"));
  EXPECT_TRUE(says(refusal_of(begun().value(0x4a, "", "").bytes()), "name has 0"));
  EXPECT_TRUE(
      says(refusal_of(begun().value(0x4a, "", std::string(256, 'm')).bytes()), "name has 256"));
  EXPECT_TRUE(
      says(refusal_of(RawSection().octet(2).value(0x34, "c", "v").bytes()), "carries a value"));
  EXPECT_TRUE(says(refusal_of(RawSection().octet(2).value(0x37, "", "").bytes()), "outside"));
  EXPECT_TRUE(says(refusal_of(RawSection().octet(2).value(0x4a, "", "m").bytes()), "outside"));
  EXPECT_TRUE(says(refusal_of(RawSection().octet(2).value(0x4a, "n", "m").bytes()), "outside"));
}

TEST(Codec, ValuesAfterACollectionBelongToItsAttribute) {
  const Decoded good = decode(RawSection()
                                  .octet(2)
                                  .value(0x34, "media-col", "")
                                  .value(0x4a, "", "m")
                                  .value(0x44, "", "a")
                                  .value(0x44, "", "b")
                                  .value(0x37, "", "")
                                  .value(0x44, "", "also")
                                  .end());
  const auto& values = good.message.groups[0].find("media-col")->values;
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(values[0].find_collection()->find_all_text("m"),
            (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(values[1].find_text(), "also");
}

TEST(Codec, KeepsWhatItDoesNotKnow) {
  const std::string bytes = RawSection()
                                .octet(0x0f)
                                .value(0x14, "future-out-of-band", "with octets")
                                .value(0x20, "generic", "abc")
                                .value(0x2f, "number", "")
                                .value(0x3f, "octets", "\xff")
                                .value(0x43, "reserved", "x")
                                .value(0x5f, "string", "y")
                                .value(0x7e, "above", "z")
                                .value(0x7f, "extended", "\x40\0\0\1value"s)
                                .octet(0x0b)
                                .octet(0x0b)
                                .end();
  const Decoded decoded = decode(bytes);
  EXPECT_EQ(decoded.message.groups.size(), 3U);
  EXPECT_EQ(decoded.message.groups[0].find("future-out-of-band")->values[0].find_octets(),
            "with octets");
  EXPECT_EQ(decoded.message.groups[0].find_text("string"), "y");
  EXPECT_FALSE(decoded.message.groups[0].find_text("above"));
  EXPECT_EQ(encode(decoded.message), bytes);
  refusal_of(RawSection().octet(1).value(0x7f, "x", "\x40\0\0"s).end());
}

TEST(Codec, DatesThatDoNotExistSurvive) {
  const std::string bytes =
      RawSection().octet(1).value(0x31, "when", std::string(11, '\xff')).end();
  const Decoded decoded = decode(bytes);
  EXPECT_FALSE(decoded.message.groups[0].find_time("when"));
  EXPECT_EQ(encode(decoded.message), bytes);
}

TEST(Codec, LimitsAreKeptAndNamed) {
  RawSection deep;
  deep.octet(2).value(0x34, "c", "");
  for (std::size_t i = 1; i < kCollectionDepthMax; ++i)
    deep.value(0x4a, "", "m").value(0x34, "", "");
  RawSection deeper = deep;
  for (std::size_t i = 0; i < kCollectionDepthMax; ++i) deep.value(0x37, "", "");
  EXPECT_EQ(encode(decode(deep.end()).message), deep.bytes());
  EXPECT_TRUE(says(refusal_of(deeper.value(0x4a, "", "m").value(0x34, "", "").bytes(),
                              ipm::Message::IppTooLarge),
                   "nested"));

  RawSection groups;
  for (std::size_t i = 0; i <= kRequestLimits.groups_max; ++i) groups.octet(2);
  EXPECT_TRUE(says(refusal_of(groups.bytes(), ipm::Message::IppTooLarge), "groups"));

  RawSection attributes;
  attributes.octet(2);
  for (std::size_t i = 0; i <= kRequestLimits.attributes_max; ++i) attributes.value(0x13, "n", "");
  EXPECT_TRUE(says(refusal_of(attributes.bytes(), ipm::Message::IppTooLarge), "attributes"));

  RawSection values;
  values.octet(2).value(0x13, "n", "");
  for (std::size_t i = 0; i < kRequestLimits.values_max; ++i) values.value(0x13, "", "");
  EXPECT_TRUE(says(refusal_of(values.bytes(), ipm::Message::IppTooLarge), "values"));
}

TEST(Codec, TheSectionsSizeIsBoundedBeforeItIsHeld) {
  const std::string bytes = encode(sample_request());
  DecodeLimits limits = kRequestLimits;
  limits.section_bytes_max = bytes.size();
  EXPECT_NO_THROW(decode(bytes, limits));
  limits.section_bytes_max = bytes.size() - 1;
  EXPECT_THROW(decode(bytes, limits), Error);
  Decoder decoder({100, 10, 10, 10});
  decoder.feed(RawSection().octet(1).octet(0x30).length(1).text("n").bytes());
  EXPECT_THROW(decoder.feed("\x7f\xff"), Error);  // announces more than the limit
}

TEST(Codec, AMessageWithoutAnEncodingIsRefused) {
  auto refused = [](auto change) {
    Message message = sample_request();
    change(message);
    EXPECT_THROW(encode(message), Error);
  };
  refused([](Message& m) { m.groups[0].attributes[0].values.clear(); });
  refused([](Message& m) { m.groups[0].attributes[0].name.clear(); });
  refused([](Message& m) { m.groups[0].add_integer(std::string(256, 'n'), 1); });
  refused([](Message& m) { m.groups[0].add_text("t", std::string(32768, 't')); });
  refused([](Message& m) { m.groups[0].tag = GroupTag::End; });
  refused([](Message& m) { m.groups[0].tag = static_cast<GroupTag>(0); });
  refused([](Message& m) { m.groups[0].tag = static_cast<GroupTag>(0x10); });
  refused([](Message& m) {
    Collection members;
    members.add_integer("", 1);
    m.groups[0].add_collection("c", members);
  });
  refused([](Message& m) {
    Collection members;
    members.add("m", std::vector<Value>());
    m.groups[0].add_collection("c", members);
  });
  refused([](Message& m) {
    Collection members;
    for (std::size_t i = 0; i < kCollectionDepthMax; ++i) {
      Collection outer;
      outer.add_collection("m", members);
      members = outer;
    }
    m.groups[0].add_collection("c", members);
  });
}

}  // namespace
}  // namespace ipm::ipp
