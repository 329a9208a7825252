#include "pki/rule_judgements.h"

#include <fmt/format.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "pki/openssl.h"

namespace ipm::pki::judge {
namespace {

constexpr int kSerialOctetsMax = 20;  // RFC 5280, 4.1.2.2

// Borrowed from the certificate; null for a key that OpenSSL cannot read.
EVP_PKEY* key_of(const Certificate& certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate.handle());
  if (key == nullptr) take_openssl_errors();
  return key;
}

bool has_usage(const Examined& examined, std::string_view oid) {
  const auto& usages = examined.certificate.extended_key_usage().value;
  return usages && std::find(usages->begin(), usages->end(), oid) != usages->end();
}

std::uint16_t usage_bits(const Examined& examined) {
  return examined.certificate.key_usage().value.value_or(0);
}

}  // namespace

KeyFamily key_family(const Certificate& certificate) {
  const EVP_PKEY* key = key_of(certificate);
  if (key == nullptr) return KeyFamily::Other;
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return KeyFamily::Rsa;
    case EVP_PKEY_RSA_PSS:
    case EVP_PKEY_EC:
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
      return KeyFamily::Signing;
    default:
      return KeyFamily::Other;
  }
}

bool has_server_auth(const Examined& examined) {
  return has_usage(examined, kServerAuth);
}
bool has_client_auth(const Examined& examined) {
  return has_usage(examined, kClientAuth);
}
bool has_both_auths(const Examined& examined) {
  return has_server_auth(examined) && has_client_auth(examined);
}
bool has_no_any_usage(const Examined& examined) {
  return !has_usage(examined, kAnyExtendedKeyUsage);
}

std::string extended_key_usage_found(const Examined& examined) {
  const auto& usage = examined.certificate.extended_key_usage();
  if (usage.broken) return "a damaged extended key usage";
  if (!usage.value) return "no extended key usage";
  return "extended key usage " + extended_key_usage_text(*usage.value);
}

bool signs_and_enciphers(const Examined& examined) {
  constexpr std::uint16_t kWanted = kDigitalSignature | kKeyEncipherment;
  return (usage_bits(examined) & kWanted) == kWanted;
}
bool signs(const Examined& examined) {
  return (usage_bits(examined) & kDigitalSignature) != 0;
}
bool enciphers_nothing(const Examined& examined) {
  return (usage_bits(examined) & (kKeyEncipherment | kDataEncipherment)) == 0;
}

std::string key_usage_found(const Examined& examined) {
  const auto& usage = examined.certificate.key_usage();
  if (usage.broken) return "a damaged key usage";
  if (!usage.value) return "no key usage";
  return fmt::format("key usage {} ({} key)", key_usage_text(*usage.value),
                     key_description(examined.certificate));
}

bool key_belongs(const Examined& examined) {
  const EVP_PKEY* key = key_of(examined.certificate);
  const bool same = key != nullptr && EVP_PKEY_eq(key, examined.key->handle()) == 1;
  take_openssl_errors();
  return same;
}

std::string key_found(const Examined& examined) {
  if (key_belongs(examined)) return "the key belongs to the certificate";
  return fmt::format("another certificate's key ({}; the certificate is for {})",
                     examined.key->describe(), key_description(examined.certificate));
}

bool is_valid_now(const Examined& examined) {
  return examined.certificate.not_before() <= examined.now &&
         examined.now <= examined.certificate.not_after();
}

std::string validity_found(const Examined& examined) {
  const TimePoint from = examined.certificate.not_before();
  const TimePoint until = examined.certificate.not_after();
  if (examined.now < from) return "not valid before " + to_certificate_time(from);
  if (examined.now > until) return "it expired on " + to_certificate_time(until);
  const auto left = days_until(until, examined.now).count();
  std::string text = fmt::format("it expires on {}, in {} day{}", to_certificate_time(until), left,
                                 left == 1 ? "" : "s");
  if (expires_soon(examined.certificate, examined.now, examined.warn_days)) {
    text += fmt::format(" (soon: fewer than {} days)", examined.warn_days);
  }
  return text;
}

bool is_critical_authority(const Examined& examined) {
  const auto& constraints = examined.certificate.basic_constraints();
  return constraints.value && constraints.value->ca && constraints.critical;
}

bool signs_certificates_and_lists(const Examined& examined) {
  constexpr std::uint16_t kWanted = kKeyCertSign | kCrlSign;
  return (usage_bits(examined) & kWanted) == kWanted;
}

bool is_leaf(const Examined& examined) {
  const auto& constraints = examined.certificate.basic_constraints();
  if (constraints.broken || (usage_bits(examined) & kKeyCertSign) != 0) return false;
  return !constraints.value || (!constraints.value->ca && !constraints.value->path_length);
}

std::string basic_constraints_found(const Examined& examined) {
  const auto& constraints = examined.certificate.basic_constraints();
  const std::string_view signing =
      examined.role != Role::Authority && (usage_bits(examined) & kKeyCertSign) != 0
          ? ", and key usage keyCertSign"
          : "";
  if (constraints.broken) return "damaged basic constraints";
  if (!constraints.value) return fmt::format("no basic constraints{}", signing);
  std::string text =
      constraints.value->ca ? "basic constraints CA:TRUE" : "basic constraints CA:FALSE";
  if (constraints.value->path_length) {
    text += fmt::format(", path length {}", *constraints.value->path_length);
  }
  if (constraints.value->ca && !constraints.critical) text += ", not critical";
  return text + std::string(signing);
}

namespace {

// A named curve that is strong, told by its identifier as it stands: asking the key itself takes
// microseconds, and this is asked in every handshake.
bool is_strong_named_curve(const Certificate& certificate) {
  X509_ALGOR* algorithm = nullptr;
  X509_PUBKEY* key = X509_get_X509_PUBKEY(certificate.handle());
  if (X509_PUBKEY_get0_param(nullptr, nullptr, nullptr, &algorithm, key) != 1) return false;
  const ASN1_OBJECT* kind = nullptr;
  int type = V_ASN1_UNDEF;
  const void* parameter = nullptr;
  X509_ALGOR_get0(&kind, &type, &parameter, algorithm);
  if (OBJ_obj2nid(kind) != NID_X9_62_id_ecPublicKey || type != V_ASN1_OBJECT) return false;
  const int curve = OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(parameter));
  return curve == NID_X9_62_prime256v1 || curve == NID_secp384r1 || curve == NID_secp521r1;
}

}  // namespace

bool key_is_strong(const Examined& examined) {
  EVP_PKEY* key = key_of(examined.certificate);
  if (key == nullptr) return false;  // Not a point of its curve, or damaged otherwise.
  return is_strong_named_curve(examined.certificate) || !PublicKey(key).complaint();
}

std::string key_strength_found(const Examined& examined) {
  return key_description(examined.certificate) + " key";
}

bool digest_is_strong(const Examined& examined) {
  // Nobody relies on the signature that a root puts on itself.
  if (examined.role == Role::Authority && examined.certificate.is_self_issued()) return true;
  int digest = NID_undef;
  int key = NID_undef;
  const int known =
      X509_get_signature_info(examined.certificate.handle(), &digest, &key, nullptr, nullptr);
  if (known != 1) {
    take_openssl_errors();
    return false;
  }
  if (key == NID_ED25519 || key == NID_ED448) return true;  // The digest is part of the scheme.
  constexpr std::array kStrong = {NID_sha256,   NID_sha384,   NID_sha512,  NID_sha512_256,
                                  NID_sha3_256, NID_sha3_384, NID_sha3_512};
  return std::find(kStrong.begin(), kStrong.end(), digest) != kStrong.end();
}

std::string digest_found(const Examined& examined) {
  return "signature " + examined.certificate.signature_algorithm();
}

bool is_version_3(const Examined& examined) {
  return examined.certificate.version() == 3;
}
std::string version_found(const Examined& examined) {
  return fmt::format("version {}", examined.certificate.version());
}

bool serial_is_sound(const Examined& examined) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(examined.certificate.handle());
  if ((static_cast<unsigned>(ASN1_STRING_type(serial)) & V_ASN1_NEG) != 0) return false;
  const int length = ASN1_STRING_length(serial);
  const unsigned char* octets = ASN1_STRING_get0_data(serial);
  // The contents octets have one more when the highest bit is set (X.690, 8.3.2).
  const int encoded = length + (length > 0 && (octets[0] & 0x80U) != 0 ? 1 : 0);
  const bool zero =
      std::all_of(octets, octets + length, [](unsigned char octet) { return octet == 0; });
  return !zero && encoded <= kSerialOctetsMax;
}

std::string serial_found(const Examined& examined) {
  return "serial number " + printable(examined.certificate.serial(), 60);
}

bool extensions_are_sound(const Examined& examined) {
  const Certificate& certificate = examined.certificate;
  if (certificate.key_usage().broken || certificate.extended_key_usage().broken ||
      certificate.basic_constraints().broken || certificate.subject_alternative_names().broken ||
      certificate.subject_key_identifier().broken ||
      certificate.authority_key_identifier().broken) {
    return false;
  }
  const auto& extensions = certificate.extensions();
  for (auto one = extensions.begin(); one != extensions.end(); ++one) {
    auto same = [&](const Extension& other) { return other.oid == one->oid; };
    if (std::any_of(extensions.begin(), one, same)) return false;
  }
  return true;
}

std::string extensions_found(const Examined& examined) {
  const Certificate& certificate = examined.certificate;
  std::string damaged;
  auto note = [&](bool broken, std::string_view name) {
    if (broken) damaged += fmt::format("{}{}", damaged.empty() ? "" : ", ", name);
  };
  note(certificate.key_usage().broken, "key usage");
  note(certificate.extended_key_usage().broken, "extended key usage");
  note(certificate.basic_constraints().broken, "basic constraints");
  note(certificate.subject_alternative_names().broken, "subject alternative name");
  note(certificate.subject_key_identifier().broken, "subject key identifier");
  note(certificate.authority_key_identifier().broken, "authority key identifier");
  if (!damaged.empty()) return "damaged or repeated: " + damaged;
  if (!extensions_are_sound(examined)) return "an extension that stands there twice";
  return fmt::format("{} extension{}", certificate.extensions().size(),
                     certificate.extensions().size() == 1 ? "" : "s");
}

namespace {

// The extensions whose meaning this project (or OpenSSL, under the path validation) carries out.
constexpr std::array<std::string_view, 11> kKnownExtensions = {
    "2.5.29.14",  // subject key identifier
    "2.5.29.15",  // key usage
    "2.5.29.17",  // subject alternative name
    "2.5.29.19",  // basic constraints
    "2.5.29.30",  // name constraints
    "2.5.29.32",  // certificate policies
    "2.5.29.33",  // policy mappings
    "2.5.29.35",  // authority key identifier
    "2.5.29.36",  // policy constraints
    "2.5.29.37",  // extended key usage
    "2.5.29.54",  // inhibit anyPolicy
};

bool is_unknown_critical(const Extension& extension) {
  return extension.critical && std::find(kKnownExtensions.begin(), kKnownExtensions.end(),
                                         extension.oid) == kKnownExtensions.end();
}

}  // namespace

bool critical_extensions_are_known(const Examined& examined) {
  const auto& extensions = examined.certificate.extensions();
  return std::none_of(extensions.begin(), extensions.end(), is_unknown_critical);
}

std::string critical_extensions_found(const Examined& examined) {
  std::string unknown;
  for (const Extension& extension : examined.certificate.extensions()) {
    if (!is_unknown_critical(extension)) continue;
    unknown += fmt::format("{}{}", unknown.empty() ? "" : ", ", printable(extension.oid, 60));
  }
  return unknown.empty() ? "none that is unknown" : "unknown and critical: " + unknown;
}

}  // namespace ipm::pki::judge
