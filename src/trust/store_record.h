#pragma once
// Where the installed public roots came from, and when: the record that `ipm trust update` leaves
// beside the store (trust.json in the state folder), for `ipm trust show` and the server's status.
//
// Each user of OpenSSL may change ca-cert.pem. So the record speaks of one file by its digest, and
// of no other; what it says is only told to people, and a damaged record is none.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/places.h"
#include "pki/digest.h"

namespace ipm::trust {

// Mozilla changes its store about every other month: a quarter without one is a store forgotten.
inline constexpr std::chrono::days kStoreAgeMax{90};

struct StoreRecord {
  std::string source;         // an address or a file's name
  std::string source_sha256;  // of the certdata.txt, in lower-case hex
  std::string bundle_sha256;  // of the ca-cert.pem that was written
  std::size_t roots = 0;      // public ones
  TimePoint installed{};

  bool speaks_of(const pki::Sha256& bundle) const;
  std::chrono::days age(TimePoint now) const;                           // whole days
  bool is_old(TimePoint now) const { return age(now) > kStoreAgeMax; }  // ipm trust update

  std::string text() const;  // the file's
  static std::optional<StoreRecord> find(std::string_view text);
};

std::filesystem::path store_record_file(const Places& places);
// Throws Error{FileUnreadable, FileTooLarge}.
std::optional<StoreRecord> find_store_record(const Places& places);

}  // namespace ipm::trust
