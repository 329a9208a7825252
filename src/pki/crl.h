#pragma once
// Certificate revocation lists (RFC 5280, 5): reading and signing. What they mean is trust's to say.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"

struct X509_crl_st;

namespace ipm::pki {

struct Revocation {
  std::string serial;  // as Certificate::serial()
  TimePoint when;
  std::string reason;  // "unspecified", "keyCompromise", … (RFC 5280, 5.3.1)

  bool operator==(const Revocation&) const = default;
};

// Every reason that sign() takes. removeFromCRL belongs to delta lists, which we do not sign.
std::vector<std::string_view> revocation_reasons();

// A list is read once and then never changed: threads may share it.
class Crl {
 public:
  // Exactly one. Throws Error{CrlUnusable}.
  static Crl parse(std::string_view pem, std::string_view origin);
  static Crl parse_der(std::string_view der, std::string_view origin);
  // All of a PEM text, in order; at least one.
  static std::vector<Crl> parse_all(std::string_view pem, std::string_view origin);

  // Signs a version 2 list with CRL number, AKI and one entry a revocation; "unspecified" is left
  // out, as RFC 5280 advises. Throws Error{CrlUnusable} for a serial that is not hex, an unknown
  // reason, and a nextUpdate that is not after `now`.
  static Crl sign(const Certificate& issuer, const PrivateKey& key,
                  const std::vector<Revocation>& revoked, std::uint64_t number, TimePoint now,
                  TimePoint next_update);

  std::string pem() const;
  std::string der() const;
  std::string issuer_der() const;
  std::string issuer() const;
  int version() const;  // 1 or 2; others as they stand
  TimePoint this_update() const;
  std::optional<TimePoint> next_update() const;
  std::optional<std::string> number() const;  // decimal
  const std::vector<Extension>& extensions() const;
  std::string authority_key_identifier() const;  // octets; empty if none

  std::size_t size() const;
  std::vector<Revocation> revocations() const;  // in the list's order
  // How many entries `later` does not have, and the serial numbers of the first of these.
  struct Missing {
    std::size_t count = 0;
    std::vector<std::string> serials;  // at most kMissingNamed
  };
  static constexpr std::size_t kMissingNamed = 5;
  Missing missing_in(const Crl& later) const;

  X509_crl_st* handle() const;

 private:
  struct Parsed;
  explicit Crl(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
  static Crl finish(std::shared_ptr<Parsed> parsed, std::string_view origin);

  std::shared_ptr<const Parsed> parsed_;
};

}  // namespace ipm::pki
