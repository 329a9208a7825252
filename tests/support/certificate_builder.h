#pragma once
// Makes certificates and revocation lists that are right until a test makes one thing wrong: every
// field can be replaced by any bytes, and the whole is signed all the same.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "der_writer.h"

struct evp_pkey_st;

namespace ipm::test {

// A key pair. Those with a number are made once in a run and shared.
class Key {
 public:
  static Key p256(int number);
  static Key p384(int number);
  static Key ed25519(int number);
  static Key rsa(int bits, unsigned exponent = 65537);
  static Key curve(const std::string& name);
  static Key dsa();

  std::string public_der() const;  // SubjectPublicKeyInfo
  std::string algorithm() const;   // the AlgorithmIdentifier of its usual signature (SHA-256)
  std::string identifier() const;  // SHA-1 of the key's bits: RFC 5280, 4.2.1.2 (1)
  // `digest` is OpenSSL's name; ignored by Edwards keys.
  std::string sign(std::string_view bytes, const std::string& digest = "SHA256") const;

 private:
  explicit Key(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

struct ExtensionSpec {
  std::string oid;
  bool critical = false;
  std::string value;
};

// The extensions in their order, by OID.
class ExtensionsSpec {
 public:
  ExtensionsSpec& set(std::string oid, bool critical, std::string value);  // replaces or adds
  ExtensionsSpec& add(std::string oid, bool critical, std::string value);  // even if it is there
  ExtensionsSpec& drop(std::string_view oid);
  std::string der() const;  // SEQUENCE OF Extension
  bool has(std::string_view oid) const;
  bool empty() const { return list_.empty(); }

 private:
  std::vector<ExtensionSpec> list_;
};

struct CertificateSpec {
  Key key;                                                             // the subject's
  std::string version = der::context_constructed(0, der::integer(2));  // the field; may be empty
  std::string serial{};                          // the INTEGER; empty: a fresh one
  std::optional<std::string> inner_algorithm{};  // AlgorithmIdentifiers; absent: the signer's
  std::optional<std::string> outer_algorithm{};
  std::string digest = "SHA256";        // that the signer really uses
  std::optional<std::string> issuer{};  // the Name; absent: the issuer's subject
  std::string subject{};                // the Name
  std::string not_before = der::utc_time("260101000000Z");
  std::string not_after = der::utc_time("270101000000Z");
  std::optional<std::string> public_key{};  // absent: that of `key`
  std::string unique_identifiers{};         // fields [1], [2]
  ExtensionsSpec extensions{};
  std::string behind_extensions{};  // more fields, more bytes
  bool spoil_signature = false;
  bool without_issuer_key_id = false;  // for makers of chains that add it otherwise
};

// `issuer_subject` is the issuer's Name. Gives the certificate's DER.
std::string build(const CertificateSpec& spec, std::string_view issuer_subject, const Key& signer);

struct RevokedSpec {
  std::string serial{};  // the INTEGER
  std::string when = der::utc_time("260301000000Z");
  ExtensionsSpec extensions{};
};

struct CrlSpec {
  std::string version = der::integer(1);  // the field; may be empty
  std::string issuer;                     // the Name
  std::string this_update = der::utc_time("260501000000Z");
  std::string next_update = der::utc_time("260701000000Z");  // may be empty
  std::vector<RevokedSpec> revoked;
  ExtensionsSpec extensions{};
  std::optional<std::string> inner_algorithm{};
  bool spoil_signature = false;
};
std::string build(const CrlSpec& spec, const Key& signer);

// --- what fields and extensions hold
// ------------------------------------------------------------------

std::string common_name(std::string_view name);  // a Name of one UTF8String
// {"2.5.4.10", der::printable("Example")}, an RDN each
std::string distinguished_name(const std::vector<std::pair<std::string, std::string>>& attributes);

std::string dns(std::string_view name);  // GeneralNames
std::string address(std::string_view octets);
std::string email(std::string_view mailbox);
std::string uri(std::string_view uri);
std::string directory(std::string_view name);  // a Name
std::string other_name();                      // of a type that nobody knows
std::string names(const std::vector<std::string>& general_names);

std::string basic_constraints(bool authority, std::optional<long> path_length = {});
std::string key_usage(unsigned bits);  // bit 0 is digitalSignature, as in pki::KeyUsageBit
std::string purposes(const std::vector<std::string>& oids);
std::string authority_key_id(std::string_view key_id);
std::string name_constraints(const std::vector<std::string>& permitted,
                             const std::vector<std::string>& excluded);
std::string policies(const std::vector<std::string>& oids);

namespace oid {
inline const std::string kSubjectKeyId = "2.5.29.14";
inline const std::string kKeyUsage = "2.5.29.15";
inline const std::string kAlternativeNames = "2.5.29.17";
inline const std::string kIssuerAlternativeNames = "2.5.29.18";
inline const std::string kBasicConstraints = "2.5.29.19";
inline const std::string kCrlNumber = "2.5.29.20";
inline const std::string kReasonCode = "2.5.29.21";
inline const std::string kDeltaCrl = "2.5.29.27";
inline const std::string kIssuingDistributionPoint = "2.5.29.28";
inline const std::string kCertificateIssuer = "2.5.29.29";
inline const std::string kNameConstraints = "2.5.29.30";
inline const std::string kDistributionPoints = "2.5.29.31";
inline const std::string kPolicies = "2.5.29.32";
inline const std::string kAnyPolicy = "2.5.29.32.0";
inline const std::string kPolicyMappings = "2.5.29.33";
inline const std::string kAuthorityKeyId = "2.5.29.35";
inline const std::string kPolicyConstraints = "2.5.29.36";
inline const std::string kExtendedKeyUsage = "2.5.29.37";
inline const std::string kAnyUse = "2.5.29.37.0";
inline const std::string kFreshestCrl = "2.5.29.46";
inline const std::string kInhibitAnyPolicy = "2.5.29.54";
inline const std::string kAuthorityAccess = "1.3.6.1.5.5.7.1.1";
inline const std::string kServerUse = "1.3.6.1.5.5.7.3.1";
inline const std::string kClientUse = "1.3.6.1.5.5.7.3.2";
inline const std::string kMailUse = "1.3.6.1.5.5.7.3.4";
inline const std::string kUnknown = "1.3.6.1.4.1.55555.1";
}  // namespace oid

}  // namespace ipm::test
