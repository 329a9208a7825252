#pragma once
// Verdicts that hold for a while: a chain that was found valid for a purpose and a peer stays so
// until something in it begins or ends, as long as anchors and lists are the same. A verifier owns
// its cache, so a new generation begins with an empty one.

#include <array>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "trust/leaf_names.h"

namespace ipm::trust {

// What is asked, as bytes: leaf, the certificates sent with it in their order, purpose and peer.
std::string verdict_key(const pki::Certificate& leaf, std::span<const pki::Certificate> untrusted,
                        Purpose purpose, const ExpectedPeer& expected);

// Chains, leaf first. Any thread; the newest entries stay.
class VerdictCache {
 public:
  using Chain = std::vector<pki::Certificate>;

  explicit VerdictCache(std::size_t entries_max) : entries_max_(entries_max / kShards) {}

  // Both ends included.
  struct Window {
    TimePoint from;
    TimePoint until;
  };
  struct Known {
    Chain chain;
    Window window;
  };
  // What was found valid for a time that `now` is in.
  std::optional<Known> find(const std::string& key, TimePoint now) const;
  void put(const std::string& key, Known known);

  bool is_on() const { return entries_max_ != 0; }
  std::size_t size() const;

 private:
  static constexpr std::size_t kShards = 16;

  struct Entry {
    std::string key;
    Known known;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> entries;                                                 // oldest first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key;  // views of their keys
  };
  const Shard& shard(const std::string& key) const;

  std::size_t entries_max_;  // of one shard
  std::array<Shard, kShards> shards_;
};

}  // namespace ipm::trust
