#pragma once
// Assembles a certificate from ASN.1 structures, never from extension strings, whose mini-language
// splits on commas and reads files.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "pki/name_constraints.h"
#include "pki/openssl.h"

namespace ipm::pki {

using Serial = std::vector<unsigned char>;  // big-endian, positive, 16 octets

// Version 3. Extensions are added once each; every function throws Error{CryptoFailed}.
class CertificateBuilder {
 public:
  CertificateBuilder(const PublicKey& key, const Serial& serial);

  void set_validity(TimePoint not_before, TimePoint not_after);
  void set_subject(std::string_view common_name);  // At most 64 octets, UTF-8.
  void set_issuer(const Certificate& issuer);
  void set_self_issued();  // After set_subject().

  void add_basic_constraints(const BasicConstraints& constraints);  // critical
  void add_key_usage(std::uint16_t bits);                           // critical
  void add_extended_key_usage(std::span<const std::string_view> oids);
  void add_alternative_names(const Names& names, const std::optional<std::string>& mailbox);
  void add_name_constraints(const NameConstraints& constraints);  // critical
  void add_subject_key_identifier();
  void add_authority_key_identifier(const std::string& key_identifier);

  // May be called again with another key: a rehearsal comes first.
  Certificate sign(const PrivateKey& key);

 private:
  CertificatePtr certificate_;
};

// The leftmost 160 bits of the SHA-256 of the key's BIT STRING (RFC 7093, 2, method 1).
std::string key_identifier(const PublicKey& key);

}  // namespace ipm::pki
