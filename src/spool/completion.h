#pragma once
// What is called when a change is durable, or failed: a function of std::exception_ptr (null:
// success) that is moved, never copied, and called at most once.

#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace ipm::spool {

class Completion {
 public:
  Completion() = default;  // Nobody waits.

  template <typename Function>
    requires(!std::same_as<std::remove_cvref_t<Function>, Completion> &&
             std::invocable<Function&, std::exception_ptr>)
  // NOLINTNEXTLINE(google-explicit-constructor): a lambda is what callers write.
  Completion(Function&& function)
      : holder_(
            std::make_unique<Holder<std::decay_t<Function>>>(std::forward<Function>(function))) {}

  explicit operator bool() const { return holder_ != nullptr; }

  void operator()(std::exception_ptr failure) {
    if (auto holder = std::move(holder_)) holder->call(std::move(failure));
  }

 private:
  struct Base {
    Base() = default;
    Base(const Base&) = delete;
    Base& operator=(const Base&) = delete;
    virtual ~Base() = default;
    virtual void call(std::exception_ptr failure) = 0;
  };

  template <typename Function>
  struct Holder final : Base {
    explicit Holder(Function&& held) : function(std::move(held)) {}
    explicit Holder(const Function& held) : function(held) {}
    void call(std::exception_ptr failure) override { std::invoke(function, std::move(failure)); }
    Function function;
  };

  std::unique_ptr<Base> holder_;
};

}  // namespace ipm::spool
