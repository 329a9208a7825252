#pragma once
// A large document of the in-memory engine, which no row names yet.

#include <memory>
#include <string>
#include <utility>

#include "spool/document.h"

namespace ipm::spool::memory {

class MemoryBody final : public StoredBody {
 public:
  explicit MemoryBody(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}

  const std::shared_ptr<const std::string>& bytes() const { return bytes_; }
  void keep() noexcept override {}  // The row holds the bytes as well.

 private:
  std::shared_ptr<const std::string> bytes_;
};

}  // namespace ipm::spool::memory
