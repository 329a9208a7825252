#pragma once
// What path validation needs to know of one revocation list (RFC 5280, 5), read from its DER once,
// with every rule that it breaks by itself.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/crl.h"
#include "trust/certificate_extensions.h"
#include "trust/certificate_facts.h"

namespace ipm::trust {

inline constexpr std::size_t kCrlEntriesMax = 1'000'000;
inline constexpr int kRemoveFromCrl = 8;  // RFC 5280, 5.3.1

struct CrlScope {                      // the issuing distribution point
  std::vector<std::string_view> uris;  // empty: no distribution point named
  bool users_only = false;
  bool authorities_only = false;
};

struct RevokedEntry {
  std::string_view serial;  // content of the INTEGER
  std::optional<int> reason;
};

// Views point into `der`; the value is neither copied nor moved once read.
struct CrlFacts {
  CrlFacts() = default;
  CrlFacts(const CrlFacts&) = delete;
  CrlFacts& operator=(const CrlFacts&) = delete;

  std::optional<pki::Crl> crl;
  std::string der;
  DistinguishedName issuer;
  TimePoint this_update;
  std::optional<TimePoint> next_update;
  std::string_view number;  // content of the INTEGER; empty when absent
  std::optional<IssuerReference> issuer_reference;
  std::optional<CrlScope> scope;
  std::string_view scope_encoding;    // the extension's value; empty: the list covers everything
  bool is_delta = false;              // changes of an earlier list only (RFC 5280, 5.2.4)
  std::vector<RevokedEntry> entries;  // by serial
  Problems problems;

  const RevokedEntry* find(std::string_view serial) const;
};

// Reads `crl` into `facts`, which are fresh. What cannot be read is a problem: CrlContent.
void read_crl(const pki::Crl& crl, CrlFacts& facts);

std::string_view reason_word(int code);  // RFC 5280, 5.3.1: "keyCompromise"

}  // namespace ipm::trust
