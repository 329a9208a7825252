#pragma once
// A shared pointer that several threads read and replace. std::atomic<std::shared_ptr> would do, but
// libc++ lacks it, and ThreadSanitizer reports libstdc++'s falsely.

#include <memory>
#include <mutex>
#include <utility>

namespace ipm {

template <class T>
class Shared {
 public:
  Shared() = default;
  explicit Shared(std::shared_ptr<T> value) : value_(std::move(value)) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  // What is there now, kept alive by the caller for as long as it wants it. May be null.
  std::shared_ptr<T> load() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  // What was there. Destroying it is the caller's, outside the lock.
  std::shared_ptr<T> exchange(std::shared_ptr<T> value) {
    const std::lock_guard lock(mutex_);
    return std::exchange(value_, std::move(value));
  }

  void store(std::shared_ptr<T> value) { exchange(std::move(value)); }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<T> value_;
};

}  // namespace ipm
