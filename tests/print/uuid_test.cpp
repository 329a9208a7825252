#include "print/uuid.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace ipm::print {
namespace {

TEST(Uuid, IsOfVersionFourWhateverTheRandomBytes) {
  std::array<unsigned char, 16> bytes{};
  EXPECT_EQ(uuid_urn(bytes), "urn:uuid:00000000-0000-4000-8000-000000000000");
  bytes.fill(0xFF);
  EXPECT_EQ(uuid_urn(bytes), "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff");
  for (unsigned char i = 0; i < 16; ++i) bytes[i] = static_cast<unsigned char>(i * 16U + i);
  EXPECT_EQ(uuid_urn(bytes), "urn:uuid:00112233-4455-4677-8899-aabbccddeeff");
}

// A generator whose every byte sequence comes once.
void count_up(std::span<unsigned char> bytes) {
  static std::atomic<unsigned> next{0};
  for (std::size_t at = 0; at + 16 <= bytes.size(); at += 16) {
    const unsigned number = next.fetch_add(1);
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[at + i] = static_cast<unsigned char>(number >> (8U * i));
    }
  }
}

TEST(UuidMaker, NeverGivesTheSameTwiceToNoThread) {
  UuidMaker maker(count_up);
  std::vector<std::vector<std::string>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : made) {
      threads.emplace_back([&maker, &mine] {
        for (int i = 0; i < 1000; ++i) mine.push_back(maker.next());
      });
    }
  }
  std::set<std::string> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 4000U);
}

TEST(UuidMaker, WithoutRandomBytesThereIsNoUuid) {
  bool fails = true;
  UuidMaker maker([&fails](std::span<unsigned char> bytes) {
    if (fails) throw std::runtime_error("no randomness");
    count_up(bytes);
  });
  EXPECT_THROW(maker.next(), std::runtime_error);
  EXPECT_THROW(maker.next(), std::runtime_error);
  fails = false;
  EXPECT_NE(maker.next(), maker.next());
}

}  // namespace
}  // namespace ipm::print
