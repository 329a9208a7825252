#include "base/shared.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace ipm {
namespace {

TEST(Shared, IsNullUntilSomethingIsStored) {
  Shared<const int> holder;
  EXPECT_EQ(holder.load(), nullptr);
  holder.store(std::make_shared<const int>(3));
  EXPECT_EQ(*holder.load(), 3);
  EXPECT_EQ(*holder.exchange(nullptr), 3);
  EXPECT_EQ(holder.load(), nullptr);
}

TEST(Shared, WhatWasReadLivesOnWhenItIsReplaced) {
  Shared<const int> holder(std::make_shared<const int>(1));
  const auto read = holder.load();
  holder.store(std::make_shared<const int>(2));
  EXPECT_EQ(*read, 1);
  EXPECT_EQ(*holder.load(), 2);
}

// Its destructor asks the holder itself: it would wait for ever if the lock were held.
struct Curious {
  Curious(Shared<Curious>& where, bool& result) : holder(where), found(result) {}
  Curious(const Curious&) = delete;
  Curious& operator=(const Curious&) = delete;
  ~Curious() { found = holder.load() != nullptr; }
  Shared<Curious>& holder;
  bool& found;
};

TEST(Shared, TheOldOneGoesOutsideTheLock) {
  bool found = false;
  Shared<Curious> holder;
  holder.store(std::make_shared<Curious>(holder, found));
  holder.store(std::make_shared<Curious>(holder, found));
  EXPECT_TRUE(found);
  holder.exchange(nullptr).reset();
  EXPECT_FALSE(found);
}

TEST(Shared, ReadersAndWritersOfManyThreadsSeeWholeValues) {
  struct Pair {
    int first;
    int second;
  };
  Shared<const Pair> holder(std::make_shared<const Pair>(Pair{0, 0}));
  std::vector<std::thread> threads;
  for (int writer = 1; writer <= 4; ++writer) {
    threads.emplace_back([&holder, writer] {
      for (int i = 0; i < 2000; ++i) {
        const auto seen = holder.load();
        EXPECT_EQ(seen->first, seen->second);
        const int next = writer * 10'000 + i;
        holder.store(std::make_shared<const Pair>(Pair{next, next}));
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace ipm
