#pragma once
// What the server tells of the CAs that it trusts: how many, where the public ones came from, and
// how old they are.

#include <filesystem>

#include "base/places.h"
#include "base/shared.h"
#include "ipp/attribute_list.h"
#include "os/facts.h"
#include "tls/generation.h"
#include "trust/store_record.h"

namespace ipm::app {

class TrustReport {
 public:
  explicit TrustReport(const Places& places);

  // Reads the store's record again where it has changed. One thread at a time, on the pool: it
  // waits for the disk. Never throws.
  void look() noexcept;

  // Any thread. Of the anchors in force: the record counts only where it speaks of them.
  void describe(ipp::AttributeList& system, const tls::Generation& generation) const;

 private:
  std::filesystem::path file_;
  os::FileStamps seen_;
  Shared<const trust::StoreRecord> record_;
};

}  // namespace ipm::app
