#include "pki/certificate_builder.h"

#include <openssl/bn.h>

#include <array>

#include "pki/digest.h"

namespace ipm::pki {
namespace {

using NamesPtr = Ptr<GENERAL_NAMES, GENERAL_NAMES_free>;
using NamePartPtr = Ptr<GENERAL_NAME, GENERAL_NAME_free>;
using StringPtr = Ptr<ASN1_STRING, ASN1_STRING_free>;

void must(bool succeeded, std::string_view call) {
  if (!succeeded) throw_openssl(Message::CryptoFailed, call, "the call to succeed");
}

StringPtr asn1_string(int type, std::string_view bytes) {
  auto made = own<StringPtr>(ASN1_STRING_type_new(type), "ASN1_STRING_type_new");
  must(ASN1_STRING_set(made.get(), bytes.data(), static_cast<int>(bytes.size())) == 1,
       "ASN1_STRING_set");
  return made;
}

void push_name(GENERAL_NAMES* names, int kind, StringPtr value) {
  auto part = own<NamePartPtr>(GENERAL_NAME_new(), "GENERAL_NAME_new");
  GENERAL_NAME_set0_value(part.get(), kind, value.release());
  must(sk_GENERAL_NAME_push(names, part.get()) > 0, "sk_GENERAL_NAME_push");
  [[maybe_unused]] auto* owned_by_the_names = part.release();
}

void add(X509* certificate, int nid, void* value, bool critical) {
  must(X509_add1_ext_i2d(certificate, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT) == 1,
       "X509_add1_ext_i2d");
}

// An extension whose value is DER already.
void add_der(X509* certificate, int nid, std::string_view der, bool critical) {
  const auto value = asn1_string(V_ASN1_OCTET_STRING, der);
  const auto extension =
      own<ExtensionPtr>(X509_EXTENSION_create_by_NID(nullptr, nid, critical ? 1 : 0, value.get()),
                        "X509_EXTENSION_create_by_NID");
  must(X509_add_ext(certificate, extension.get(), -1) == 1, "X509_add_ext");
}

// Ed25519 and Ed448 hash by themselves; a P-384 key deserves a digest of its own strength.
const EVP_MD* digest_for(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
      return nullptr;
    case EVP_PKEY_EC:
      return EVP_PKEY_get_bits(key) > 256 ? EVP_sha384() : EVP_sha256();
    default:
      return EVP_sha256();
  }
}

}  // namespace

std::string key_identifier(const PublicKey& key) {
  constexpr std::size_t kOctets = 20;
  X509_PUBKEY* wrapped = nullptr;
  must(X509_PUBKEY_set(&wrapped, key.handle()) == 1, "X509_PUBKEY_set");
  const Ptr<X509_PUBKEY, X509_PUBKEY_free> owner(wrapped);
  const unsigned char* bits = nullptr;
  int length = 0;
  must(X509_PUBKEY_get0_param(nullptr, &bits, &length, nullptr, wrapped) == 1,
       "X509_PUBKEY_get0_param");
  const Sha256 digest =
      sha256(std::span<const unsigned char>(bits, static_cast<std::size_t>(length)));
  return {digest.begin(), digest.begin() + kOctets};
}

CertificateBuilder::CertificateBuilder(const PublicKey& key, const Serial& serial)
    : certificate_(own<CertificatePtr>(X509_new(), "X509_new")) {
  must(X509_set_version(certificate_.get(), X509_VERSION_3) == 1, "X509_set_version");
  const auto number = own<Ptr<BIGNUM, BN_free>>(
      BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr), "BN_bin2bn");
  const auto integer = own<Ptr<ASN1_INTEGER, ASN1_INTEGER_free>>(
      BN_to_ASN1_INTEGER(number.get(), nullptr), "BN_to_ASN1_INTEGER");
  must(X509_set_serialNumber(certificate_.get(), integer.get()) == 1, "X509_set_serialNumber");
  must(X509_set_pubkey(certificate_.get(), key.handle()) == 1, "X509_set_pubkey");
}

void CertificateBuilder::set_validity(TimePoint not_before, TimePoint not_after) {
  // ASN1_TIME_set chooses UTCTime until 2049 and GeneralizedTime afterwards (RFC 5280, 4.1.2.5).
  must(ASN1_TIME_set(X509_getm_notBefore(certificate_.get()),
                     not_before.time_since_epoch().count()) != nullptr,
       "ASN1_TIME_set");
  must(ASN1_TIME_set(X509_getm_notAfter(certificate_.get()),
                     not_after.time_since_epoch().count()) != nullptr,
       "ASN1_TIME_set");
}

void CertificateBuilder::set_subject(std::string_view common_name) {
  const auto name = own<NamePtr>(X509_NAME_new(), "X509_NAME_new");
  const std::vector<unsigned char> bytes(common_name.begin(), common_name.end());
  must(X509_NAME_add_entry_by_NID(name.get(), NID_commonName, MBSTRING_UTF8, bytes.data(),
                                  static_cast<int>(bytes.size()), -1, 0) == 1,
       "X509_NAME_add_entry_by_NID");
  must(X509_set_subject_name(certificate_.get(), name.get()) == 1, "X509_set_subject_name");
}

void CertificateBuilder::set_issuer(const Certificate& issuer) {
  must(X509_set_issuer_name(certificate_.get(), X509_get_subject_name(issuer.handle())) == 1,
       "X509_set_issuer_name");
}

void CertificateBuilder::set_self_issued() {
  must(X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get())) == 1,
       "X509_set_issuer_name");
}

void CertificateBuilder::add_basic_constraints(const BasicConstraints& constraints) {
  const auto value = own<Ptr<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>>(BASIC_CONSTRAINTS_new(),
                                                                         "BASIC_CONSTRAINTS_new");
  value->ca = constraints.ca ? 0xFF : 0;
  if (constraints.path_length) {
    value->pathlen =
        own<Ptr<ASN1_INTEGER, ASN1_INTEGER_free>>(ASN1_INTEGER_new(), "ASN1_INTEGER_new").release();
    must(ASN1_INTEGER_set(value->pathlen, *constraints.path_length) == 1, "ASN1_INTEGER_set");
  }
  add(certificate_.get(), NID_basic_constraints, value.get(), true);
}

void CertificateBuilder::add_key_usage(std::uint16_t bits) {
  const auto value =
      own<Ptr<ASN1_BIT_STRING, ASN1_BIT_STRING_free>>(ASN1_BIT_STRING_new(), "ASN1_BIT_STRING_new");
  for (int bit = 0; bit < 9; ++bit) {
    if ((bits & (1U << static_cast<unsigned>(bit))) == 0) continue;
    must(ASN1_BIT_STRING_set_bit(value.get(), bit, 1) == 1, "ASN1_BIT_STRING_set_bit");
  }
  add(certificate_.get(), NID_key_usage, value.get(), true);
}

void CertificateBuilder::add_extended_key_usage(std::span<const std::string_view> oids) {
  const auto value = own<Ptr<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>>(
      EXTENDED_KEY_USAGE_new(), "EXTENDED_KEY_USAGE_new");
  for (const std::string_view oid : oids) {
    auto object = own<Ptr<ASN1_OBJECT, ASN1_OBJECT_free>>(OBJ_txt2obj(std::string(oid).c_str(), 1),
                                                          "OBJ_txt2obj");
    must(sk_ASN1_OBJECT_push(value.get(), object.get()) > 0, "sk_ASN1_OBJECT_push");
    [[maybe_unused]] auto* owned_by_the_usage = object.release();
  }
  add(certificate_.get(), NID_ext_key_usage, value.get(), false);
}

void CertificateBuilder::add_alternative_names(const Names& names,
                                               const std::optional<std::string>& mailbox) {
  const auto value = own<NamesPtr>(GENERAL_NAMES_new(), "GENERAL_NAMES_new");
  for (const auto& name : names.dns) {
    push_name(value.get(), GEN_DNS, asn1_string(V_ASN1_IA5STRING, name.text()));
  }
  for (const auto& address : names.addresses) {
    push_name(value.get(), GEN_IPADD, asn1_string(V_ASN1_OCTET_STRING, address.bytes()));
  }
  if (mailbox) push_name(value.get(), GEN_EMAIL, asn1_string(V_ASN1_IA5STRING, *mailbox));
  if (sk_GENERAL_NAME_num(value.get()) == 0) return;  // An empty SAN is not well-formed.
  add(certificate_.get(), NID_subject_alt_name, value.get(), false);
}

void CertificateBuilder::add_name_constraints(const NameConstraints& constraints) {
  add_der(certificate_.get(), NID_name_constraints, name_constraints_der(constraints), true);
}

void CertificateBuilder::add_subject_key_identifier() {
  EVP_PKEY* key = X509_get0_pubkey(certificate_.get());
  must(key != nullptr, "X509_get0_pubkey");
  const auto value = asn1_string(V_ASN1_OCTET_STRING, key_identifier(PublicKey(key)));
  add(certificate_.get(), NID_subject_key_identifier, value.get(), false);
}

void CertificateBuilder::add_authority_key_identifier(const std::string& identifier) {
  const auto value =
      own<Ptr<AUTHORITY_KEYID, AUTHORITY_KEYID_free>>(AUTHORITY_KEYID_new(), "AUTHORITY_KEYID_new");
  value->keyid = asn1_string(V_ASN1_OCTET_STRING, identifier).release();
  add(certificate_.get(), NID_authority_key_identifier, value.get(), false);
}

Certificate CertificateBuilder::sign(const PrivateKey& key) const {
  const auto copy = own<CertificatePtr>(X509_dup(certificate_.get()), "X509_dup");
  must(X509_sign(copy.get(), key.handle(), digest_for(key.handle())) > 0, "X509_sign");
  // Read back from its bytes: what is returned is what anybody will see.
  unsigned char* der = nullptr;
  const int length = i2d_X509(copy.get(), &der);
  must(length > 0, "i2d_X509");
  const std::string bytes(der, der + length);
  OPENSSL_free(der);
  return Certificate::parse_der(bytes, "the certificate just signed");
}

}  // namespace ipm::pki
