#pragma once
// Owns the number by which the system knows an open file or folder.

#include <cstdint>

namespace ipm::os {

class Handle {
 public:
  using Number = std::intptr_t;
  static constexpr Number kNone = -1;

  Handle() = default;
  explicit Handle(Number number) : number_(number) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle(Handle&& other) noexcept : number_(other.release()) {}
  Handle& operator=(Handle&& other) noexcept;
  ~Handle() { close(); }

  explicit operator bool() const { return number_ != kNone; }
  Number get() const { return number_; }
  Number release();
  void close();

 private:
  Number number_ = kNone;
};

}  // namespace ipm::os
