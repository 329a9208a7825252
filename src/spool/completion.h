#pragma once
// What is called when a change is durable, or failed: a function of std::exception_ptr (null:
// success) that is moved, never copied, and called at most once. Small functions need no allocation.

#include <array>
#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <new>
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
  Completion(Function&& function) {
    using Held = std::decay_t<Function>;
    if constexpr (fits<Held>()) {
      ::new (room()) Held(std::forward<Function>(function));
      ways_ = &kWaysInside<Held>;
    } else {
      auto held = std::make_unique<Held>(std::forward<Function>(function));
      ::new (room()) Held*(held.release());
      ways_ = &kWaysOutside<Held>;
    }
  }
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  Completion(Completion&& other) noexcept { take(other); }
  Completion& operator=(Completion&& other) noexcept {
    if (this == &other) return *this;
    reset();
    take(other);
    return *this;
  }
  ~Completion() { reset(); }

  explicit operator bool() const { return ways_ != nullptr; }

  void operator()(std::exception_ptr failure) {
    if (ways_ == nullptr) return;
    Completion once(std::move(*this));
    once.ways_->call(once.room(), std::move(failure));
  }

 private:
  static constexpr std::size_t kRoomBytes = 64;

  // What is done with the function that is held in a room of bytes.
  struct Ways {
    void (*call)(void* room, std::exception_ptr failure);
    void (*move)(void* room, void* from) noexcept;  // `from` holds nothing afterwards.
    void (*destroy)(void* room) noexcept;
  };

  template <typename Held>
  static constexpr bool fits() {
    return sizeof(Held) <= kRoomBytes && alignof(Held) <= alignof(std::max_align_t) &&
           std::is_nothrow_move_constructible_v<Held>;
  }

  template <typename Held>
  static Held& held(void* room) {
    return *std::launder(static_cast<Held*>(room));
  }

  template <typename Held>
  static constexpr Ways kWaysInside = {
      [](void* room, std::exception_ptr failure) {
        std::invoke(held<Held>(room), std::move(failure));
      },
      [](void* room, void* from) noexcept {
        ::new (room) Held(std::move(held<Held>(from)));
        held<Held>(from).~Held();
      },
      [](void* room) noexcept { held<Held>(room).~Held(); },
  };

  template <typename Held>
  static constexpr Ways kWaysOutside = {
      [](void* room, std::exception_ptr failure) {
        std::invoke(*held<Held*>(room), std::move(failure));
      },
      [](void* room, void* from) noexcept { ::new (room) Held*(held<Held*>(from)); },
      [](void* room) noexcept { std::unique_ptr<Held>(held<Held*>(room)).reset(); },
  };

  void* room() { return room_.data(); }

  void take(Completion& other) noexcept {
    ways_ = std::exchange(other.ways_, nullptr);
    if (ways_ != nullptr) ways_->move(room(), other.room());
  }

  void reset() noexcept {
    if (const Ways* ways = std::exchange(ways_, nullptr)) ways->destroy(room());
  }

  const Ways* ways_ = nullptr;
  alignas(std::max_align_t) std::array<std::byte, kRoomBytes> room_;  // Of the function, or of a
                                                                      // pointer to it.
};

}  // namespace ipm::spool
