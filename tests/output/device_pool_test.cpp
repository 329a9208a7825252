// Threads for what may hang: what hangs stands in its own way only.
#include "output/device_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <stdexcept>
#include <thread>

namespace ipm::output {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

class DevicePoolTest : public testing::Test {
 protected:
  ~DevicePoolTest() override {
    release_.set_value();
    for (auto& one : hung_) one.get();
    guard_.reset();
    thread_.join();
  }

  template <class Work>
  std::future<int> run(DevicePool& pool, std::string file_system, Work work) {
    auto walk = [&pool, place = DevicePool::Place{file_system, "/mnt/" + file_system},
                 given = std::move(work)]() mutable -> asio::awaitable<int> {
      co_return co_await pool.run(std::move(place), std::move(given));
    };
    return asio::co_spawn(io_, std::move(walk), asio::use_future);
  }
  // Hangs until the test is over.
  void hang(DevicePool& pool, const std::string& device) {
    hung_.push_back(run(pool, device, [gate = released_] {
      gate.wait();
      return 0;
    }));
  }
  static bool comes_true(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  static int result_of(std::future<int>& future) {
    if (future.wait_for(60s) != std::future_status::ready) return -1;
    return future.get();
  }

  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
  DevicePool pool_{{4, 2}};
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
  std::thread thread_{[this] { io_.run(); }};
  std::vector<std::future<int>> hung_;
};

TEST_F(DevicePoolTest, WorkRunsOnAnotherThreadAndItsCallerComesBackToItsOwn) {
  std::thread::id worked;
  std::thread::id resumed;
  auto walk = [&]() -> asio::awaitable<int> {
    const int result = co_await pool_.run({"disk", "/srv"}, [&] {
      worked = std::this_thread::get_id();
      return 7;
    });
    resumed = std::this_thread::get_id();
    co_return result;
  };
  auto future = asio::co_spawn(io_, walk, asio::use_future);
  EXPECT_EQ(result_of(future), 7);
  EXPECT_NE(worked, thread_.get_id());
  EXPECT_EQ(resumed, thread_.get_id());
}

TEST_F(DevicePoolTest, WhatWorkThrowsIsThrownToItsCaller) {
  auto failed = run(pool_, "disk", []() -> int { throw std::runtime_error("full"); });
  ASSERT_EQ(failed.wait_for(60s), std::future_status::ready);
  EXPECT_THROW(failed.get(), std::runtime_error);
  EXPECT_TRUE(comes_true([&] { return pool_.load() == 0; }));
}

TEST_F(DevicePoolTest, AFileSystemThatHangsHoldsTwoThreadsAndHurtsNobodyElse) {
  for (int i = 0; i < 10; ++i) hang(pool_, "hung");
  ASSERT_TRUE(comes_true([&] { return pool_.load() == 10; }));
  for (int i = 0; i < 20; ++i) {
    auto done = run(pool_, "sound", [i] { return i; });
    EXPECT_EQ(result_of(done), i);
  }
  EXPECT_TRUE(comes_true([&] { return pool_.busy(0s).size() == 2; }));
  const auto busy = pool_.busy(0s);
  EXPECT_EQ(busy.front().name, "/mnt/hung");
  EXPECT_EQ(busy.front().waiting, 8U);
  EXPECT_EQ(pool_.load(), 10U);
}

TEST_F(DevicePoolTest, OnlyWhatHasBeenRunningLongIsNamed) {
  hang(pool_, "hung");
  ASSERT_TRUE(comes_true([&] { return pool_.busy(0s).size() == 1; }));
  EXPECT_TRUE(pool_.busy(1h).empty());
  EXPECT_TRUE(comes_true([&] { return pool_.busy(20ms).size() == 1; }));
}

TEST_F(DevicePoolTest, NeverMoreThanItsThreadsWork) {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  std::vector<std::future<int>> all;
  for (int i = 0; i < 60; ++i) {
    all.push_back(run(pool_, std::to_string(i % 6), [&] {
      const int here = ++now;
      int seen = most;
      while (here > seen && !most.compare_exchange_weak(seen, here)) {
      }
      std::this_thread::sleep_for(1ms);
      --now;
      return 1;
    }));
  }
  for (auto& one : all) EXPECT_EQ(result_of(one), 1);
  EXPECT_LE(most, 4);
  EXPECT_GE(most, 2);
}

TEST_F(DevicePoolTest, AContextThatRunsUntilItIsIdleWaitsForTheWork) {
  asio::io_context idle{1};
  int result = 0;
  auto walk = [&]() -> asio::awaitable<void> {
    result = co_await pool_.run({"disk", "/srv"}, [] {
      std::this_thread::sleep_for(30ms);
      return 5;
    });
  };
  asio::co_spawn(idle, walk, [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
  idle.run();
  EXPECT_EQ(result, 5);
}

TEST_F(DevicePoolTest, JoiningDoesWhatHasBeenHandedIn) {
  auto done = run(pool_, "disk", [] { return 3; });
  ASSERT_TRUE(comes_true(
      [&] { return pool_.load() > 0 || done.wait_for(0s) == std::future_status::ready; }));
  pool_.join();
  EXPECT_EQ(result_of(done), 3);
  EXPECT_EQ(pool_.load(), 0U);
}

TEST_F(DevicePoolTest, WorkOfOneFileSystemBeginsInItsOrder) {
  DevicePool one({1, 1});
  std::vector<int> order;
  std::vector<std::future<int>> all;
  for (int i = 0; i < 8; ++i) {
    all.push_back(run(one, "disk", [&order, i] {
      order.push_back(i);
      return i;
    }));
  }
  for (auto& future : all) future.get();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
}

}  // namespace
}  // namespace ipm::output
