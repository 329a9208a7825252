// libcups reads what we write, and we read what libcups writes: random valid messages, both ways.
#include <cups/ipp.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <random>
#include <string>

#include "ipp/attribute_types.h"
#include "ipp/codec.h"

namespace ipm::ipp {
namespace {

struct Freer {
  void operator()(ipp_t* message) const noexcept { ippDelete(message); }
};
using Peer = std::unique_ptr<ipp_t, Freer>;

struct Stream {
  std::string bytes;
  std::size_t at = 0;
};

ssize_t read_some(void* context, ipp_uchar_t* buffer, std::size_t length) noexcept {
  auto& stream = *static_cast<Stream*>(context);
  const std::size_t some = stream.bytes.copy(reinterpret_cast<char*>(buffer), length, stream.at);
  stream.at += some;
  return static_cast<ssize_t>(some);
}

ssize_t write_some(void* context, ipp_uchar_t* buffer, std::size_t length) noexcept {
  static_cast<Stream*>(context)->bytes.append(reinterpret_cast<const char*>(buffer), length);
  return static_cast<ssize_t>(length);
}

Peer peer_read(const std::string& bytes) {
  Stream stream{bytes};
  Peer message(ippNew());
  ipp_state_t state = IPP_STATE_IDLE;
  while (state != IPP_STATE_DATA && state != IPP_STATE_ERROR) {
    state = ippReadIO(&stream, read_some, 1, nullptr, message.get());
  }
  EXPECT_EQ(state, IPP_STATE_DATA);
  EXPECT_EQ(stream.at, bytes.size());
  return message;
}

std::string peer_write(const Peer& message) {
  Stream stream;
  ippSetState(message.get(), IPP_STATE_IDLE);
  ipp_state_t state = IPP_STATE_IDLE;
  while (state != IPP_STATE_DATA && state != IPP_STATE_ERROR) {
    state = ippWriteIO(&stream, write_some, 1, nullptr, message.get());
  }
  EXPECT_EQ(state, IPP_STATE_DATA);
  return stream.bytes;
}

// One seed, one message: a failure names the seed.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}

  int roll(int low, int high) { return std::uniform_int_distribution(low, high)(engine_); }
  std::int32_t number() {
    return std::uniform_int_distribution<std::int32_t>(-2147483647, 2147483647)(engine_);
  }
  std::string word(int most = 20) {
    std::string text;
    const int length = roll(1, most);
    for (int i = 0; i < length; ++i) text += static_cast<char>(roll('a', 'z'));
    return text;
  }
  // Unicode text, at most `most` characters of at most three bytes.
  std::string text(int most) {
    static constexpr std::array<std::string_view, 6> kLetters = {"a", "Z", " ", "ő", "€", "印"};
    std::string out;
    const int length = roll(0, most);
    for (int i = 0; i < length; ++i) out += kLetters.at(static_cast<std::size_t>(roll(0, 5)));
    return out;
  }
  DateTime date() {
    return {{static_cast<unsigned char>(roll(0x07, 0x08)), static_cast<unsigned char>(roll(0, 255)),
             static_cast<unsigned char>(roll(1, 12)), static_cast<unsigned char>(roll(1, 28)),
             static_cast<unsigned char>(roll(0, 23)), static_cast<unsigned char>(roll(0, 59)),
             static_cast<unsigned char>(roll(0, 59)), static_cast<unsigned char>(roll(0, 9)),
             static_cast<unsigned char>(roll(0, 1) == 0 ? '+' : '-'),
             static_cast<unsigned char>(roll(0, 13)), static_cast<unsigned char>(roll(0, 59))}};
  }

 private:
  std::mt19937 engine_;
};

Collection random_members(Dice& dice, int depth);

constexpr int kKinds = 16;

Value random_value(Dice& dice, int kind, int depth) {
  switch (kind) {
    case 0:
      return Value::integer(dice.number());
    case 1:
      return Value::integer(dice.number(), Tag::Enum);
    case 2:
      return Value::boolean(dice.roll(0, 1) == 1);
    case 3:
      return Value::range(dice.number(), dice.number());
    case 4:
      return Value::resolution(
          {dice.roll(1, 9999), dice.roll(1, 9999), static_cast<std::uint8_t>(dice.roll(3, 4))});
    case 5:
      return Value::date_time(dice.date());
    case 6:
      return Value::string(Tag::Text, dice.text(340));
    case 7:
      return Value::string(Tag::Name, dice.text(84));
    case 8:
      return Value::string(Tag::Keyword, dice.word(255));
    case 9:
      return Value::string(Tag::Uri, "ipp://" + dice.word(200) + "/");
    case 10:
      return Value::string(Tag::MimeMediaType, "application/" + dice.word());
    case 11:
      return Value::string(Tag::OctetString, dice.text(300));
    case 12:
      return Value::with_language(Tag::TextWithLanguage, dice.word(8), dice.text(100));
    case 13:
      return Value::with_language(Tag::NameWithLanguage, dice.word(8), dice.text(80));
    case 14:
      return Value::string(Tag::UriScheme, dice.word(60));
    default:
      return depth == 0 ? Value::integer(dice.number())
                        : Value::collection(random_members(dice, depth - 1));
  }
}

Attribute random_attribute(Dice& dice, int depth) {
  Attribute attribute{dice.word(60), {}};
  if (dice.roll(0, 9) == 0) {
    static constexpr std::array<Tag, 3> kOutOfBand = {Tag::NoValue, Tag::Unknown, Tag::Unsupported};
    attribute.values.push_back(
        Value::out_of_band(kOutOfBand.at(static_cast<std::size_t>(dice.roll(0, 2)))));
    return attribute;
  }
  const int kind = dice.roll(0, depth == 0 ? kKinds - 2 : kKinds - 1);
  const int values = dice.roll(0, 2) == 0 ? dice.roll(2, 12) : 1;
  for (int i = 0; i < values; ++i) attribute.values.push_back(random_value(dice, kind, depth));
  return attribute;
}

Collection random_members(Dice& dice, int depth) {
  Collection members;
  const int count = dice.roll(1, 4);
  for (int i = 0; i < count; ++i) members.add(random_attribute(dice, depth));
  return members;
}

Message random_message(Dice& dice) {
  Message message = Message::request(Operation::GetPrinterAttributes, dice.roll(1, 2147483647));
  for (const GroupTag tag :
       {GroupTag::Job, GroupTag::Job, GroupTag::Printer, GroupTag::Subscription}) {
    if (dice.roll(0, 1) == 0) continue;
    Group& group = message.add_group(tag);
    const int count = dice.roll(1, 8);
    for (int i = 0; i < count; ++i) group.add(random_attribute(dice, 3));
  }
  return message;
}

TEST(CupsOracle, ReadsEveryMessageThatWeWriteAndWritesTheSameBytes) {
  for (unsigned seed = 1; seed <= 1500; ++seed) {
    Dice dice(seed);
    const Message message = random_message(dice);
    const std::string bytes = encode(message);
    const Peer peer = peer_read(bytes);
    ASSERT_EQ(peer_write(peer), bytes) << "seed " << seed;
    ASSERT_EQ(decode(bytes).message, message) << "seed " << seed;
  }
}

// Adds a random attribute through libcups' own builders, and to `ours`.
void add_both(Dice& dice, ipp_t* peer, ipp_tag_t group, AttributeList& ours) {
  const std::string name = dice.word(40);
  switch (dice.roll(0, 8)) {
    case 0: {
      const std::array<int, 3> numbers = {dice.number(), dice.number(), dice.number()};
      ippAddIntegers(peer, group, IPP_TAG_INTEGER, name.c_str(), 3, numbers.data());
      return ours.add_integers(name, Tag::Integer, numbers);
    }
    case 1:
      ippAddBoolean(peer, group, name.c_str(), 1);
      return ours.add_boolean(name, true);
    case 2:
      ippAddRange(peer, group, name.c_str(), 3, 77);
      return ours.add_range(name, 3, 77);
    case 3:
      ippAddResolution(peer, group, name.c_str(), IPP_RES_PER_CM, 240, 120);
      return ours.add_resolution(name, 240, 120, Resolution::DotsPerCentimetre);
    case 4: {
      const std::string text = dice.text(100);
      ippAddString(peer, group, IPP_TAG_TEXT, name.c_str(), nullptr, text.c_str());
      return ours.add_text(name, text);
    }
    case 5: {
      const TimePoint time{std::chrono::seconds(dice.roll(0, 2147483647))};
      ippAddDate(peer, group, name.c_str(), ippTimeToDate(time.time_since_epoch().count()));
      return ours.add_date_time(name, time);
    }
    case 6:
      ippAddOutOfBand(peer, group, IPP_TAG_NOVALUE, name.c_str());
      return ours.add_no_value(name);
    case 7: {
      const std::string text = dice.text(60);
      ippAddString(peer, group, IPP_TAG_NAMELANG, name.c_str(), "hu", text.c_str());
      return ours.add(name, Value::with_language(Tag::NameWithLanguage, "hu", text));
    }
    default: {
      const Peer members(ippNew());
      Collection collection;
      add_both(dice, members.get(), IPP_TAG_ZERO, collection);
      ippAddCollection(peer, group, name.c_str(), members.get());
      return ours.add_collection(name, collection);
    }
  }
}

TEST(CupsOracle, WeReadEveryMessageThatItWritesAndWriteTheSameBytes) {
  for (unsigned seed = 1; seed <= 1500; ++seed) {
    Dice dice(seed);
    const Peer peer(ippNewRequest(IPP_OP_PRINT_JOB));
    ippSetRequestId(peer.get(), 77);
    ippSetVersion(peer.get(), 2, 1);
    Group ours(GroupTag::Job);
    for (int i = dice.roll(1, 8); i > 0; --i) add_both(dice, peer.get(), IPP_TAG_JOB, ours);
    const std::string bytes = peer_write(peer);
    const Decoded decoded = decode(bytes);
    ASSERT_EQ(decoded.bytes, bytes.size());
    ASSERT_EQ(encode(decoded.message), bytes) << "seed " << seed;
    EXPECT_EQ(decoded.message.header, (Header{{2, 1}, 2, 77}));
    ASSERT_EQ(decoded.message.groups.size(), 2U);
    ASSERT_EQ(decoded.message.groups[1], ours) << "seed " << seed;
  }
}

// Whether libcups has a name for it: not a number, and not "(a name that was only reserved)".
bool is_named(const std::string& theirs) {
  return theirs.find_first_not_of("0123456789") != std::string::npos && !theirs.starts_with("0x") &&
         !theirs.starts_with("(");
}

TEST(CupsOracle, OperationsHaveTheNamesThatItKnows) {
  int known = 0;
  for (int code = 1; code < 0x5000; ++code) {
    const std::string_view name = operation_name(static_cast<std::uint16_t>(code));
    const std::string theirs = ippOpString(static_cast<ipp_op_t>(code));
    if (name.empty()) {
      EXPECT_FALSE(is_named(theirs) && code != 0x4000) << code << theirs;
      continue;
    }
    ++known;
    if (is_named(theirs)) EXPECT_EQ(theirs, name) << code;
    EXPECT_EQ(find_operation(name), static_cast<Operation>(code));
  }
  EXPECT_GT(known, 110);
}

TEST(CupsOracle, StatusesHaveTheNamesThatItKnows) {
  for (int code = 0; code < 0x600; ++code) {
    const std::string_view name = status_name(static_cast<std::uint16_t>(code));
    const std::string theirs = ippErrorString(static_cast<ipp_status_t>(code));
    if (!name.empty() && is_named(theirs)) EXPECT_EQ(theirs, name) << code;
    if (!name.empty()) EXPECT_EQ(find_status(name), static_cast<Status>(code));
  }
}

TEST(CupsOracle, EnumsHaveTheNamesThatItKnows) {
  int known = 0;
  for (const char* attribute :
       {"job-state", "printer-state", "document-state", "print-quality", "orientation-requested",
        "finishings", "finishings-supported", "print-quality-default", "operations-supported"}) {
    for (int value = 3; value < 110; ++value) {
      const std::string_view name = enum_name(attribute, value);
      if (name.empty()) continue;
      ++known;
      EXPECT_EQ(find_enum(attribute, name), value);
      const std::string theirs = ippEnumString(attribute, value);
      if (is_named(theirs)) EXPECT_EQ(theirs, name) << attribute << value;
    }
  }
  EXPECT_GT(known, 200);
}

TEST(CupsOracle, TagsHaveTheNamesThatItKnows) {
  for (int tag = 0x10; tag < 0x4a; ++tag) {
    const std::string_view name = tag_name(static_cast<Tag>(tag));
    if (!name.empty()) EXPECT_EQ(ippTagString(static_cast<ipp_tag_t>(tag)), name) << tag;
    if (!name.empty()) EXPECT_EQ(find_tag(name), static_cast<Tag>(tag));
  }
  for (int tag = 1; tag < 0x10; ++tag) {
    const std::string_view name = group_name(static_cast<GroupTag>(tag));
    if (!name.empty()) EXPECT_EQ(ippTagString(static_cast<ipp_tag_t>(tag)), name) << tag;
  }
}

}  // namespace
}  // namespace ipm::ipp
