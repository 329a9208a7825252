#pragma once
// Waiting for what happens on other threads.

#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>

namespace ipm::test {

// Throws after a time in which it surely should have happened.
inline void wait_until(const std::function<bool()>& happened) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!happened()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("waited in vain");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace ipm::test
