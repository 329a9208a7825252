#pragma once
// Between our names and OpenSSL's structures. Structures only: OpenSSL's text forms of extensions
// run a small language that a name could speak.

#include "pki/certificate.h"
#include "pki/openssl.h"

namespace ipm::pki {

// For a subjectAltName: DNS names first, then addresses, each in its order.
GeneralNamesPtr make_general_names(const Names& names);
RawNames read_general_names(const GENERAL_NAMES& names);

// What a stack of extensions holds. Null is an empty stack.
std::vector<Extension> read_extensions(const STACK_OF(X509_EXTENSION) * extensions);

// The one value of `nid` in a stack; broken where it is there twice, damaged, or bytes are left
// over.
ExtensionValue<RawNames> read_alternative_names(const STACK_OF(X509_EXTENSION) * extensions);

// An X.509 name as one line, and what it says of a kind (NID_commonName), in UTF-8.
std::string name_line(const X509_NAME* name);
std::vector<std::string> name_entries(const X509_NAME* name, int nid);
std::string utf8_text(const ASN1_STRING* text);  // as it stands where it cannot be read
std::string name_der(const X509_NAME* name);

// A name of one UTF-8 common name. Throws Error{NameInvalid} where it is empty, longer than
// kCommonNameBytesMax, not UTF-8, or holds control characters.
NamePtr make_name(std::string_view common_name);

}  // namespace ipm::pki
