#pragma once
// Certificate revocation lists (RFC 5280, 5): reading, asking and signing.

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
};

class Crl {
 public:
  static Crl parse(std::string_view pem, std::string_view origin);  // Throws Error{CrlUnusable}
  static Crl parse_der(std::string_view der, std::string_view origin);
  static std::vector<Crl> parse_all(std::string_view pem, std::string_view origin);

  // Signs a version 2 list with CRL number, AKI and one entry a revocation.
  static Crl sign(const Certificate& issuer, const PrivateKey& key,
                  const std::vector<Revocation>& revoked, std::uint64_t number, TimePoint now,
                  TimePoint next_update);

  std::string pem() const;
  std::string der() const;
  std::string issuer_der() const;
  std::string issuer() const;
  TimePoint this_update() const;
  std::optional<TimePoint> next_update() const;
  std::optional<std::string> number() const;  // decimal
  std::vector<Revocation> revocations() const;
  // In logarithmic time.
  std::optional<Revocation> find(const Certificate& certificate) const;
  bool is_signed_by(const Certificate& issuer) const;

  X509_crl_st* handle() const { return crl_.get(); }

 private:
  explicit Crl(std::shared_ptr<X509_crl_st> crl) : crl_(std::move(crl)) {}

  std::shared_ptr<X509_crl_st> crl_;
};

}  // namespace ipm::pki
