#pragma once
// A bounded memory of what was used lately, for several threads.

#include <cstddef>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace ipm::tls {

// Two halves: what is used moves to the newer one, and when that is full the older one is dropped.
// So what was used last is kept, at a constant cost and without a list.
template <class Key, class Value, class Hash>
class RecentMap {
 public:
  explicit RecentMap(std::size_t entries_max) : half_max_(entries_max / 2) {}

  std::optional<Value> find(const Key& key) {
    const std::lock_guard lock(mutex_);
    if (const auto found = newer_.find(key); found != newer_.end()) return found->second;
    auto aged = older_.extract(key);
    if (aged.empty()) return std::nullopt;
    std::optional<Value> value(aged.mapped());
    make_room();
    newer_.insert(std::move(aged));
    return value;
  }

  void put(const Key& key, Value value) {
    const std::lock_guard lock(mutex_);
    make_room();
    newer_.insert_or_assign(key, std::move(value));
  }

 private:
  using Half = std::unordered_map<Key, Value, Hash>;

  void make_room() {
    if (newer_.size() < half_max_) return;
    older_ = std::exchange(newer_, Half());
  }

  const std::size_t half_max_;
  std::mutex mutex_;
  Half newer_;
  Half older_;
};

// For keys that are random or digests: any part of them is as good as a hash of them.
struct FirstBytes {
  template <class Key>
  std::size_t operator()(const Key& key) const noexcept {
    std::size_t hash = 0;
    for (std::size_t i = 0; i < sizeof hash; ++i) hash = hash << 8U | key[i];
    return hash;
  }
};

}  // namespace ipm::tls
