#pragma once
// The four fields of a certificate that say which it is and when it ends, read straight from its
// DER. OpenSSL decodes each public key as it parses a certificate, which takes most of the time of
// a conversion that only copies certificates.

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace ipm::trust {

struct CertificateOutline {
  std::string_view issuer;  // DER of the name; views into the certificate
  std::string_view serial;  // DER of the INTEGER
  TimePoint not_after;
};

// Nothing where `der` is not one whole certificate as RFC 5280 wants it; OpenSSL may still read it.
std::optional<CertificateOutline> find_outline(std::string_view der);

}  // namespace ipm::trust
