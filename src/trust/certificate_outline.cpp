#include "trust/certificate_outline.h"

#include "trust/der.h"

namespace ipm::trust {

// Certificate ::= SEQUENCE { TBSCertificate, AlgorithmIdentifier, BIT STRING } (RFC 5280, 4.1).
std::optional<CertificateOutline> find_outline(std::string_view der) {
  const auto whole = der::sole(der, der::kSequence);
  if (!whole) return std::nullopt;
  der::Reader parts(whole->content);
  const auto to_be_signed = parts.next(der::kSequence);
  if (!to_be_signed || !parts.next(der::kSequence) || !parts.next(der::kBitString) ||
      !parts.at_end()) {
    return std::nullopt;
  }
  der::Reader fields(to_be_signed->content);
  if (fields.next_is(der::context_constructed(0)) && !fields.next())
    return std::nullopt;  // version
  const auto serial = fields.next(der::kInteger);
  if (!serial || !der::is_minimal_integer(serial->content)) return std::nullopt;
  if (!fields.next(der::kSequence)) return std::nullopt;  // signature algorithm
  const auto issuer = fields.next(der::kSequence);
  const auto validity = fields.next(der::kSequence);
  const auto subject = fields.next(der::kSequence);
  const auto key = fields.next(der::kSequence);
  if (!issuer || !validity || !subject || !key) return std::nullopt;
  der::Reader times(validity->content);
  const auto not_before = times.next();
  const auto not_after = times.next();
  if (!not_before || !not_after || !times.at_end()) return std::nullopt;
  const auto end = der::time(*not_after);
  if (!end) return std::nullopt;
  return CertificateOutline{issuer->encoding, serial->encoding, end->when};
}

}  // namespace ipm::trust
