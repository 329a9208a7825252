#include "trust/verdict_cache.h"

#include <functional>
#include <iterator>
#include <utility>

namespace ipm::trust {
namespace {

void append(std::string& key, const pki::Sha256& digest) {
  key.append(reinterpret_cast<const char*>(digest.data()), digest.size());
}

}  // namespace

std::string verdict_key(const pki::Certificate& leaf, std::span<const pki::Certificate> untrusted,
                        Purpose purpose, const ExpectedPeer& expected) {
  std::string key;
  key.reserve((untrusted.size() + 2) * sizeof(pki::Sha256));
  key += purpose == Purpose::Server ? "server " : "client ";
  key += std::to_string(untrusted.size());  // so that what follows the digests is told from them
  key += ' ';
  append(key, leaf.digest());
  for (const pki::Certificate& certificate : untrusted) append(key, certificate.digest());
  if (const auto* host = std::get_if<pki::DnsName>(&expected)) {
    key += "host ";
    key += host->text();
  } else if (const auto* address = std::get_if<pki::IpAddress>(&expected)) {
    key += "address ";
    key += address->bytes();
  }
  return key;
}

const VerdictCache::Shard& VerdictCache::shard(const std::string& key) const {
  return shards_[std::hash<std::string>()(key) % kShards];
}

std::optional<VerdictCache::Known> VerdictCache::find(const std::string& key, TimePoint now) const {
  const Shard& where = shard(key);
  const std::lock_guard lock(where.mutex);
  const auto found = where.by_key.find(key);
  if (found == where.by_key.end()) return std::nullopt;
  const Known& known = found->second->known;
  if (now < known.window.from || now > known.window.until) return std::nullopt;
  return known;
}

void VerdictCache::put(const std::string& key, Known known) {
  if (!is_on()) return;
  Shard& where = shards_[std::hash<std::string>()(key) % kShards];
  const std::lock_guard lock(where.mutex);
  if (const auto found = where.by_key.find(key); found != where.by_key.end()) {
    const auto old = found->second;
    where.by_key.erase(found);
    where.entries.erase(old);
  } else if (where.entries.size() >= entries_max_) {
    where.by_key.erase(where.entries.front().key);
    where.entries.pop_front();
  }
  where.entries.push_back({key, std::move(known)});
  where.by_key.emplace(where.entries.back().key, std::prev(where.entries.end()));
}

std::size_t VerdictCache::size() const {
  std::size_t size = 0;
  for (const Shard& each : shards_) {
    const std::lock_guard lock(each.mutex);
    size += each.entries.size();
  }
  return size;
}

}  // namespace ipm::trust
