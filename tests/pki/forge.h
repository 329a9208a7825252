#pragma once
// Certificates as no honest CA makes them: any extension bytes, times and serial, for the tests of
// what a reader must survive.

#include <string>
#include <string_view>
#include <vector>

#include "pki/key.h"
#include "pki/openssl.h"

namespace ipm::pki::test {

struct Forgery {
  struct Extension {
    std::string oid;
    bool critical = false;
    std::string der;
  };
  std::vector<Extension> extensions;
  std::string not_before = "20260101000000Z";  // Any bytes.
  std::string not_after = "20270101000000Z";
  int time_type = V_ASN1_GENERALIZEDTIME;
  std::string serial = "\x01";  // big-endian, as it shall stand
  bool negative_serial = false;
  long version = X509_VERSION_3;
  std::vector<std::string> common_names = {"forged.example.com"};
  int name_type = V_ASN1_UTF8STRING;
};

// The DER of a self-signed certificate of that shape.
inline std::string forge(const Forgery& wanted) {
  const PrivateKey key = PrivateKey::generate(KeyKind::P256);
  const CertificatePtr certificate = own<CertificatePtr>(X509_new(), "X509_new");
  X509* x509 = certificate.get();
  auto bytes = [](const std::string& text) { return octets(text); };
  auto size = [](const std::string& text) { return static_cast<int>(text.size()); };
  must(X509_set_version(x509, wanted.version), "version");
  const IntegerPtr serial = own<IntegerPtr>(ASN1_INTEGER_new(), "serial");
  ASN1_STRING_set(serial.get(), wanted.serial.data(), size(wanted.serial));
  if (wanted.negative_serial) serial->type = V_ASN1_NEG_INTEGER;
  must(X509_set_serialNumber(x509, serial.get()), "serial");
  auto set_time = [&](const std::string& text, auto* set) {
    const TimePtr time = own<TimePtr>(ASN1_STRING_type_new(wanted.time_type), "time");
    ASN1_STRING_set(time.get(), text.data(), size(text));
    must(set(x509, time.get()), "time");
  };
  set_time(wanted.not_before, X509_set1_notBefore);
  set_time(wanted.not_after, X509_set1_notAfter);
  const NamePtr name = own<NamePtr>(X509_NAME_new(), "name");
  for (const std::string& common_name : wanted.common_names) {
    must(X509_NAME_add_entry_by_NID(name.get(), NID_commonName, wanted.name_type,
                                    bytes(common_name), size(common_name), -1, 0),
         "name");
  }
  must(X509_set_subject_name(x509, name.get()), "subject");
  must(X509_set_issuer_name(x509, name.get()), "issuer");
  must(X509_set_pubkey(x509, key.handle()), "key");
  for (const Forgery::Extension& extension : wanted.extensions) {
    const OctetStringPtr value = own<OctetStringPtr>(ASN1_OCTET_STRING_new(), "extension");
    ASN1_OCTET_STRING_set(value.get(), bytes(extension.der), size(extension.der));
    const Ptr<ASN1_OBJECT, ASN1_OBJECT_free> kind(OBJ_txt2obj(extension.oid.c_str(), 1));
    const ExtensionPtr made = own<ExtensionPtr>(
        X509_EXTENSION_create_by_OBJ(nullptr, kind.get(), extension.critical ? 1 : 0, value.get()),
        "extension");
    must(X509_add_ext(x509, made.get(), -1), "extension");
  }
  must(X509_sign(x509, key.handle(), EVP_sha256()), "sign");
  return encode(i2d_X509, x509);
}

}  // namespace ipm::pki::test
