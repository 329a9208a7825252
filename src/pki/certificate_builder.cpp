#include "pki/certificate_builder.h"

#include <openssl/bn.h>

#include "pki/digest.h"
#include "pki/general_names.h"

namespace ipm::pki {
namespace {

OctetStringPtr octet_string(std::string_view bytes) {
  auto made = own<OctetStringPtr>(ASN1_OCTET_STRING_new(), "ASN1_OCTET_STRING_new");
  must(ASN1_OCTET_STRING_set(made.get(), octets(bytes), static_cast<int>(bytes.size())),
       "ASN1_OCTET_STRING_set");
  return made;
}

void add(X509* certificate, int nid, void* value, bool critical) {
  must(X509_add1_ext_i2d(certificate, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT),
       "X509_add1_ext_i2d");
}

// An extension whose value is DER already.
void add_der(X509* certificate, int nid, std::string_view der, bool critical) {
  const auto value = octet_string(der);
  const auto extension =
      own<ExtensionPtr>(X509_EXTENSION_create_by_NID(nullptr, nid, critical ? 1 : 0, value.get()),
                        "X509_EXTENSION_create_by_NID");
  must(X509_add_ext(certificate, extension.get(), -1), "X509_add_ext");
}

}  // namespace

std::string key_identifier(const PublicKey& key) {
  constexpr std::size_t kOctets = 20;
  X509_PUBKEY* wrapped = nullptr;
  must(X509_PUBKEY_set(&wrapped, key.handle()), "X509_PUBKEY_set");
  const Ptr<X509_PUBKEY, X509_PUBKEY_free> owner(wrapped);
  const unsigned char* bits = nullptr;
  int length = 0;
  must(X509_PUBKEY_get0_param(nullptr, &bits, &length, nullptr, wrapped), "X509_PUBKEY_get0_param");
  const Sha256 digest = sha256(as_text(bits, static_cast<std::size_t>(length)));
  return {digest.begin(), digest.begin() + kOctets};
}

CertificateBuilder::CertificateBuilder(const PublicKey& key, const Serial& serial)
    : certificate_(own<CertificatePtr>(X509_new(), "X509_new")) {
  must(X509_set_version(certificate_.get(), X509_VERSION_3), "X509_set_version");
  const auto number = own<Ptr<BIGNUM, BN_free>>(
      BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr), "BN_bin2bn");
  const auto integer =
      own<IntegerPtr>(BN_to_ASN1_INTEGER(number.get(), nullptr), "BN_to_ASN1_INTEGER");
  must(X509_set_serialNumber(certificate_.get(), integer.get()), "X509_set_serialNumber");
  must(X509_set_pubkey(certificate_.get(), key.handle()), "X509_set_pubkey");
}

void CertificateBuilder::set_validity(TimePoint not_before, TimePoint not_after) {
  must(X509_set1_notBefore(certificate_.get(), make_time(not_before).get()), "X509_set1_notBefore");
  must(X509_set1_notAfter(certificate_.get(), make_time(not_after).get()), "X509_set1_notAfter");
}

void CertificateBuilder::set_subject(std::string_view common_name) {
  must(X509_set_subject_name(certificate_.get(), make_name(common_name).get()),
       "X509_set_subject_name");
}

void CertificateBuilder::set_issuer(const Certificate& issuer) {
  must(X509_set_issuer_name(certificate_.get(), X509_get_subject_name(issuer.handle())),
       "X509_set_issuer_name");
}

void CertificateBuilder::set_self_issued() {
  must(X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get())),
       "X509_set_issuer_name");
}

void CertificateBuilder::add_basic_constraints(const BasicConstraints& constraints) {
  const auto value = own<BasicConstraintsPtr>(BASIC_CONSTRAINTS_new(), "BASIC_CONSTRAINTS_new");
  value->ca = constraints.ca ? 0xFF : 0;
  if (constraints.path_length) {
    value->pathlen = own<IntegerPtr>(ASN1_INTEGER_new(), "ASN1_INTEGER_new").release();
    must(ASN1_INTEGER_set(value->pathlen, *constraints.path_length), "ASN1_INTEGER_set");
  }
  add(certificate_.get(), NID_basic_constraints, value.get(), true);
}

void CertificateBuilder::add_key_usage(std::uint16_t bits) {
  const auto value = own<BitStringPtr>(ASN1_BIT_STRING_new(), "ASN1_BIT_STRING_new");
  for (int bit = 0; bit < 9; ++bit) {
    if ((bits & (1U << static_cast<unsigned>(bit))) == 0) continue;
    must(ASN1_BIT_STRING_set_bit(value.get(), bit, 1), "ASN1_BIT_STRING_set_bit");
  }
  add(certificate_.get(), NID_key_usage, value.get(), true);
}

void CertificateBuilder::add_extended_key_usage(std::span<const std::string_view> oids) {
  const auto value = own<ExtendedKeyUsagePtr>(EXTENDED_KEY_USAGE_new(), "EXTENDED_KEY_USAGE_new");
  for (const std::string_view oid : oids) {
    auto object = own<Ptr<ASN1_OBJECT, ASN1_OBJECT_free>>(OBJ_txt2obj(std::string(oid).c_str(), 1),
                                                          "OBJ_txt2obj");
    must(sk_ASN1_OBJECT_push(value.get(), object.get()), "sk_ASN1_OBJECT_push");
    [[maybe_unused]] auto* owned_by_the_usage = object.release();
  }
  add(certificate_.get(), NID_ext_key_usage, value.get(), false);
}

void CertificateBuilder::add_alternative_names(const Names& names,
                                               const std::optional<std::string>& mailbox) {
  const auto value = make_general_names(names);
  if (mailbox) {
    auto text = own<Ptr<ASN1_STRING, ASN1_STRING_free>>(ASN1_STRING_type_new(V_ASN1_IA5STRING),
                                                        "ASN1_STRING_type_new");
    must(ASN1_STRING_set(text.get(), mailbox->data(), static_cast<int>(mailbox->size())),
         "ASN1_STRING_set");
    auto part = own<GeneralNamePtr>(GENERAL_NAME_new(), "GENERAL_NAME_new");
    GENERAL_NAME_set0_value(part.get(), GEN_EMAIL, text.release());
    must(sk_GENERAL_NAME_push(value.get(), part.get()), "sk_GENERAL_NAME_push");
    [[maybe_unused]] auto* owned_by_the_names = part.release();
  }
  if (sk_GENERAL_NAME_num(value.get()) == 0) return;  // An empty SAN is not well-formed.
  add(certificate_.get(), NID_subject_alt_name, value.get(), false);
}

void CertificateBuilder::add_name_constraints(const NameConstraints& constraints) {
  add_der(certificate_.get(), NID_name_constraints, name_constraints_der(constraints), true);
}

void CertificateBuilder::add_subject_key_identifier() {
  EVP_PKEY* key = X509_get0_pubkey(certificate_.get());
  if (key == nullptr) throw_openssl(Message::CryptoFailed, "X509_get0_pubkey", "a public key");
  add(certificate_.get(), NID_subject_key_identifier,
      octet_string(key_identifier(PublicKey(key))).get(), false);
}

void CertificateBuilder::add_authority_key_identifier(const std::string& identifier) {
  const auto value = own<AuthorityKeyIdPtr>(AUTHORITY_KEYID_new(), "AUTHORITY_KEYID_new");
  value->keyid = octet_string(identifier).release();
  add(certificate_.get(), NID_authority_key_identifier, value.get(), false);
}

Certificate CertificateBuilder::sign(const PrivateKey& key) {
  must(X509_sign(certificate_.get(), key.handle(), signing_digest(key.handle())), "X509_sign");
  // Read back from its bytes: what is returned is what anybody will see, and the next signature
  // under the same contents does not touch it.
  return Certificate::parse_der(encode(i2d_X509, certificate_.get()),
                                "the certificate just signed");
}

}  // namespace ipm::pki
