#include "spool/completion.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace ipm::spool::test {
namespace {

// Small functions are held inside, large ones outside: both are called once, moved and destroyed.
template <std::size_t Bytes>
void expect_called_once() {
  const auto held = std::make_shared<int>(0);
  {
    std::array<char, Bytes> ballast{};
    Completion first([held, ballast](const std::exception_ptr& failure) {
      *held += failure ? 100 : 1;
      EXPECT_EQ(ballast[0], 0);
    });
    EXPECT_EQ(held.use_count(), 2);
    Completion second(std::move(first));
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that it is empty is what is tested.
    EXPECT_EQ(held.use_count(), 2);
    first = std::move(second);
    first(nullptr);
    first(nullptr);
    EXPECT_EQ(*held, 1);
    EXPECT_FALSE(first);
    EXPECT_EQ(held.use_count(), 1) << "gone once called";
    const Completion never(
        [held, ballast](const std::exception_ptr&) { EXPECT_EQ(ballast[0], 1); });
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1) << "gone uncalled too";
}

TEST(CompletionTest, ASmallFunctionIsCalledOnceAndGoes) {
  expect_called_once<1>();
}

TEST(CompletionTest, ALargeFunctionIsCalledOnceAndGoes) {
  expect_called_once<1000>();
}

TEST(CompletionTest, AFailureIsPassedOnAndAnEmptyOneDoesNothing) {
  Completion none;
  none(nullptr);
  std::exception_ptr given;
  Completion some([&](std::exception_ptr failure) { given = std::move(failure); });
  some(std::make_exception_ptr(std::runtime_error("x")));
  EXPECT_TRUE(given);
  Completion throwing([](const std::exception_ptr&) { throw std::runtime_error("y"); });
  EXPECT_THROW(throwing(nullptr), std::runtime_error);
  EXPECT_FALSE(throwing);
}

}  // namespace
}  // namespace ipm::spool::test
