#pragma once
// The standard extensions of a certificate, read in one walk.

#include <cstdint>
#include <string>
#include <vector>

#include "pki/certificate.h"
#include "pki/openssl.h"

namespace ipm::pki {

struct ExtensionSet {
  ExtensionValue<std::uint16_t> key_usage;
  ExtensionValue<std::vector<std::string>> extended_key_usage;
  ExtensionValue<BasicConstraints> basic_constraints;
  ExtensionValue<RawNames> subject_alternative_names;
  ExtensionValue<std::string> subject_key_identifier;
  ExtensionValue<std::string> authority_key_identifier;
  std::vector<Extension> all;
};

// Total: what is damaged, there twice, or followed by more bytes is broken.
ExtensionSet read_extension_set(const X509* certificate);

}  // namespace ipm::pki
