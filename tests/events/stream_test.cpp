#include "events/stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "events/follower.h"

namespace ipm::events {
namespace {

struct Number final : Subject {
  explicit Number(int given) : value(given) {}
  int value;
};

Event event_of(int value) {
  Event event;
  event.what = What::JobChanged;
  event.which = std::to_string(value);
  event.after = std::make_shared<const Number>(value);
  return event;
}

TEST(Stream, EventsAreNumberedInTheOrderInWhichTheyCame) {
  Stream stream;
  EXPECT_EQ(stream.last(), 0U);
  EXPECT_EQ(stream.publish(event_of(7)), 1U);
  EXPECT_EQ(stream.publish(event_of(8)), 2U);
  const auto read = stream.after(0);
  ASSERT_EQ(read.events.size(), 2U);
  EXPECT_EQ(read.missed, 0U);
  EXPECT_EQ(read.events.front().sequence, 1U);
  EXPECT_EQ(read.events.back().which, "8");
  const auto* subject = dynamic_cast<const Number*>(read.events.back().after.get());
  ASSERT_NE(subject, nullptr);
  EXPECT_EQ(subject->value, 8);
  EXPECT_TRUE(stream.after(2).events.empty());
}

TEST(Stream, TheOldestMakeRoomAndAReaderIsToldHowManyItMissed) {
  Stream stream(3);
  for (int value = 1; value <= 10; ++value) stream.publish(event_of(value));
  const auto read = stream.after(2);
  EXPECT_EQ(read.missed, 5U);
  ASSERT_EQ(read.events.size(), 3U);
  EXPECT_EQ(read.events.front().sequence, 8U);
  EXPECT_EQ(stream.after(9).missed, 0U);
  EXPECT_EQ(stream.after(2, 1).events.size(), 1U);
}

TEST(Stream, WaitingEndsWithAnEventOrWithTheStream) {
  Stream stream;
  EXPECT_FALSE(stream.wait(0, std::chrono::milliseconds(1)));
  stream.publish(event_of(1));
  EXPECT_TRUE(stream.wait(0, std::chrono::hours(1)));
  stream.close();
  EXPECT_FALSE(stream.wait(1, std::chrono::hours(1)));
  EXPECT_TRUE(stream.wait(0, std::chrono::hours(1))) << "what was there is still read";
}

TEST(Follower, HandsOnEveryEventInOrderBeforeItEnds) {
  auto stream = std::make_shared<Stream>();
  stream->publish(event_of(0));  // before the follower: not for it
  std::vector<std::uint64_t> seen;
  std::atomic<std::uint64_t> missed{0};
  {
    const Follower follower(
        stream, [&](const Event& event) { seen.push_back(event.sequence); },
        [&](std::uint64_t count) { missed += count; });
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 3; ++writer) {
      writers.emplace_back([&] {
        for (int value = 0; value < 500; ++value) stream->publish(event_of(value));
      });
    }
    for (auto& writer : writers) writer.join();
    stream->close();
  }
  EXPECT_EQ(missed, 0U);
  ASSERT_EQ(seen.size(), 1500U);
  for (std::size_t at = 0; at < seen.size(); ++at) ASSERT_EQ(seen[at], at + 2);
}

}  // namespace
}  // namespace ipm::events
