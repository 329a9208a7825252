#pragma once
// What a spool stands on in a test: each engine, and what may happen to its storage.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <ostream>

#include "base/log.h"
#include "spool/memory/engine.h"
#include "spool/spool.h"

namespace ipm::spool::test {

enum class StoreKind { Sqlite, Memory };

inline void PrintTo(StoreKind kind, std::ostream* out) {
  *out << (kind == StoreKind::Sqlite ? "Sqlite" : "Memory");
}

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  virtual std::unique_ptr<Spool> open(const Options& options, const Log& log) = 0;
  // The server ends here and now: what is open next finds what a killed process leaves. The spool
  // that is open now is of no further use. It must have nothing to do.
  virtual void kill() = 0;
  // Of a closed spool.
  virtual void break_row(JobId job) = 0;
  virtual void break_document(JobId job, std::int64_t number) = 0;
  // Documents of more bytes that take up room, named by a row or not.
  virtual std::size_t large_documents(std::size_t bytes) const = 0;
};

std::unique_ptr<Store> make_store(StoreKind kind, const std::filesystem::path& folder);

}  // namespace ipm::spool::test
