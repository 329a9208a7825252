#include "ipp/request_checks.h"

#include <gtest/gtest.h>

#include <utility>

#include "ipp/limits.h"

namespace ipm::ipp {
namespace {

using std::string_literals::operator""s;

Message sound() {
  Message request = Message::request(Operation::PrintJob, 1);
  request.groups[0].add_uri("printer-uri", "ipp://localhost/ipp/print");
  request.add_group(GroupTag::Job).add_integer("copies", 1);
  return request;
}

// The fault of a sound request that `change` has spoilt.
template <class Change>
RequestFault fault_of(Change change) {
  Message request = sound();
  change(request);
  const auto fault = find_request_fault(request);
  EXPECT_TRUE(fault);
  return fault.value_or(RequestFault{Status::Ok, {}});
}

template <class Change>
void expect_bad(Change change, std::string_view word) {
  const RequestFault fault = fault_of(std::move(change));
  EXPECT_EQ(fault.status, Status::BadRequest) << fault.words;
  EXPECT_NE(fault.words.find(word), std::string::npos) << fault.words;
}

TEST(RequestChecks, ASoundRequestHasNoFault) {
  EXPECT_FALSE(find_request_fault(sound()));
  Message ascii = sound();
  ascii.groups[0].attributes[0].values[0] = Value::string(Tag::Charset, "US-ASCII");
  EXPECT_FALSE(find_request_fault(ascii));
}

TEST(RequestChecks, VersionsOneAndTwoAreTaken) {
  for (const auto& [major, minor] : {std::pair(1, 0), {1, 1}, {2, 0}, {2, 1}, {2, 2}, {2, 9}}) {
    EXPECT_FALSE(find_version_fault(
        {{static_cast<std::uint8_t>(major), static_cast<std::uint8_t>(minor)}, 2, 1}));
  }
  for (const int major : {0, 3, 255}) {
    const auto fault = find_version_fault({{static_cast<std::uint8_t>(major), 0}, 2, 1});
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->status, Status::VersionNotSupported);
  }
}

TEST(RequestChecks, TheRequestIdIsPositive) {
  expect_bad([](Message& m) { m.header.request_id = 0; }, "request-id");
  expect_bad([](Message& m) { m.header.request_id = -1; }, "request-id");
}

TEST(RequestChecks, TheOperationGroupComesFirstAndOnce) {
  expect_bad([](Message& m) { m.groups.clear(); }, "operation attributes");
  expect_bad([](Message& m) { m.groups.erase(m.groups.begin()); }, "operation attributes");
  expect_bad([](Message& m) { std::swap(m.groups[0], m.groups[1]); }, "operation attributes");
  expect_bad([](Message& m) { m.groups.push_back(m.groups[0]); }, "out of order");
  expect_bad([](Message& m) { m.groups.insert(m.groups.begin(), m.groups[0]); }, "twice");
  expect_bad([](Message& m) { m.groups.push_back(m.groups[1]); }, "twice");
  expect_bad([](Message& m) { m.groups.insert(m.groups.begin() + 1, Group(GroupTag::Printer)); },
             "out of order");
}

TEST(RequestChecks, TheTargetIsOneValueOfItsType) {
  const auto uri = Value::string(Tag::Uri, "ipp://localhost/ipp/print/other");
  expect_bad([&](Message& m) { m.groups[0].find("printer-uri")->values.push_back(uri); },
             "printer-uri");
  expect_bad([](Message& m) { m.groups[0].find("printer-uri")->values[0] = Value::integer(1); },
             "printer-uri");
  expect_bad([](Message& m) { m.groups[0].add_keyword("job-uri", "ipp"); }, "job-uri");
  expect_bad(
      [&](Message& m) {
        m.groups[0].add_integer("job-id", 1);
        m.groups[0].find("job-id")->values.push_back(Value::integer(2));
      },
      "job-id");
}

TEST(RequestChecks, SubscriptionGroupsRepeat) {
  Message request = sound();
  request.add_group(GroupTag::Subscription).add_keyword("notify-events", "job-completed");
  request.add_group(GroupTag::Subscription).add_keyword("notify-events", "job-created");
  EXPECT_FALSE(find_request_fault(request));
}

TEST(RequestChecks, CharsetAndLanguageComeFirstInThisOrder) {
  auto operation = [](Message& m) -> std::vector<Attribute>& { return m.groups[0].attributes; };
  expect_bad([&](Message& m) { operation(m).clear(); }, "attributes-charset");
  expect_bad([&](Message& m) { operation(m).erase(operation(m).begin()); }, "attributes-charset");
  expect_bad([&](Message& m) { operation(m).erase(operation(m).begin() + 1); },
             "attributes-natural-language");
  expect_bad([&](Message& m) { operation(m).resize(1); }, "attributes-natural-language");
  expect_bad([&](Message& m) { std::swap(operation(m)[0], operation(m)[1]); },
             "attributes-charset");
  expect_bad([&](Message& m) { std::swap(operation(m)[1], operation(m)[2]); },
             "attributes-natural-language");
  expect_bad([&](Message& m) { operation(m)[0].values[0] = Value::string(Tag::Keyword, "utf-8"); },
             "attributes-charset");
  expect_bad(
      [&](Message& m) { operation(m)[0].values.push_back(Value::string(Tag::Charset, "utf-8")); },
      "one charset");
  expect_bad([&](Message& m) { operation(m)[1].values[0] = Value::string(Tag::Text, "en"); },
             "one language");
}

TEST(RequestChecks, OtherCharsetsAreNotSupported) {
  for (const char* charset : {"iso-8859-1", "", "utf-16", "utf8\n"}) {
    const RequestFault fault = fault_of([&](Message& m) {
      m.groups[0].attributes[0].values[0] = Value::string(Tag::Charset, charset);
    });
    EXPECT_EQ(fault.status, Status::CharsetNotSupported) << charset;
    EXPECT_EQ(fault.words.find('\n'), std::string::npos);
  }
}

TEST(RequestChecks, NoAttributeStandsTwiceInAGroup) {
  expect_bad([](Message& m) { m.groups[1].add_integer("copies", 2); }, "copies");
  expect_bad([](Message& m) { m.groups[0].add_charset("attributes-charset", "utf-8"); },
             "attributes-charset");
  expect_bad(
      [](Message& m) {
        Collection members;
        members.add_integer("x", 1);
        members.add_integer("x", 1);
        Collection outer;
        outer.add_collection("inner", members);
        m.groups[1].add_collection("media-col", outer);
      },
      "x stands twice");
  Message request = sound();
  request.groups[0].add_integer("copies",
                                1);  // the same name in another group is another attribute
  EXPECT_FALSE(find_request_fault(request));
}

TEST(RequestChecks, TextIsOfItsCharset) {
  for (const std::string& text : {"\xff"s, "\xc0\xaf"s, "a\0b"s, "\xed\xa0\x80"s}) {
    expect_bad([&](Message& m) { m.groups[1].add_text("job-message", text); }, "UTF-8");
    expect_bad(
        [&](Message& m) {
          m.groups[1].add("n", Value::with_language(Tag::NameWithLanguage, "en", text));
        },
        "UTF-8");
    expect_bad([&](Message& m) { m.groups[1].add_keyword("sides", text); }, "ASCII");
  }
  expect_bad([](Message& m) { m.groups[1].add_uri("u", "ipp://h/büro"); }, "ASCII");
  expect_bad(
      [](Message& m) {
        m.groups[1].add("n", Value::with_language(Tag::NameWithLanguage, "\xff", "x"));
      },
      "UTF-8");
  expect_bad(
      [](Message& m) {
        m.groups[0].attributes[0].values[0] = Value::string(Tag::Charset, "us-ascii");
        m.groups[1].add_name("job-name", "büro");
      },
      "ASCII");
  Message request = sound();
  request.groups[1].add_name("job-name", "büro");
  request.groups[1].add_octets("job-password", "\0\xff"s);
  EXPECT_FALSE(find_request_fault(request));
}

TEST(RequestChecks, NamesArePrintable) {
  for (const std::string& name : {"a b"s, "a\nb"s, "\xc3\xbc"s, "a\0"s, "\x7f"s}) {
    expect_bad([&](Message& m) { m.groups[1].add_integer(name, 1); }, "printable");
  }
}

TEST(RequestChecks, ValuesAreNoLongerThanTheirType) {
  const std::pair<Tag, std::size_t> limits[] = {
      {Tag::Text, 1023},          {Tag::Name, 255},          {Tag::Keyword, 255},
      {Tag::Uri, 1023},           {Tag::UriScheme, 63},      {Tag::Charset, 63},
      {Tag::NaturalLanguage, 63}, {Tag::MimeMediaType, 255}, {Tag::OctetString, 1023}};
  for (const auto& limit : limits) {
    const auto tag = limit.first;
    const auto most = limit.second;
    Message request = sound();
    request.groups[1].add_string("x", tag, std::string(most, 'a'));
    EXPECT_FALSE(find_request_fault(request)) << tag_name(tag);
    const RequestFault fault =
        fault_of([&](Message& m) { m.groups[1].add_string("x", tag, std::string(most + 1, 'a')); });
    EXPECT_EQ(fault.status, Status::RequestValueTooLong) << tag_name(tag);
  }
  EXPECT_EQ(fault_of([](Message& m) {
              m.groups[1].add(
                  "x", Value::with_language(Tag::NameWithLanguage, "en", std::string(256, 'a')));
            }).status,
            Status::RequestValueTooLong);
  EXPECT_EQ(fault_of([](Message& m) {
              m.groups[1].add(
                  "x", Value::with_language(Tag::TextWithLanguage, std::string(64, 'a'), "a"));
            }).status,
            Status::RequestValueTooLong);
}

TEST(RequestChecks, TheReplyEchoesTheRequestAndHoldsNothingElse) {
  Message request = sound();
  request.header = {{1, 1}, 2, 99};
  const Message reply =
      fault_reply({Status::BadRequest, "ő" + std::string(254, 'x') + "ő"}, request.header);
  EXPECT_EQ(reply.header, (Header{{1, 1}, 0x0400, 99}));
  ASSERT_EQ(reply.groups.size(), 1U);
  EXPECT_EQ(reply.groups[0].attributes.size(), 3U);
  EXPECT_EQ(reply.groups[0].find_text("status-message"), "ő" + std::string(253, 'x'));
  EXPECT_EQ(fault_reply({Status::BadRequest, std::string(254, 'x') + "ő"}, request.header)
                .groups[0]
                .find_text("status-message"),
            std::string(254, 'x'));
}

}  // namespace
}  // namespace ipm::ipp
