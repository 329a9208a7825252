#include "pki/extension_set.h"

#include "pki/general_names.h"

namespace ipm::pki {
namespace {

// Fills `extension` from `value`; a second one, or an absent value, breaks it.
template <class T>
void put(ExtensionValue<T>& extension, bool critical, std::optional<T> value) {
  extension.broken = extension.present() || !value;
  extension.critical = extension.critical || critical;
  extension.value = extension.broken ? std::nullopt : std::move(value);
}

std::optional<std::uint16_t> read_key_usage(std::string_view der) {
  const auto bits = decode_whole<BitStringPtr>(d2i_ASN1_BIT_STRING, der);
  if (!bits) return std::nullopt;
  std::uint16_t usage = 0;
  for (int bit = 0; bit <= 8; ++bit) {
    if (ASN1_BIT_STRING_get_bit(bits.get(), bit) == 1) {
      usage = static_cast<std::uint16_t>(usage | (1U << static_cast<unsigned>(bit)));
    }
  }
  return usage;
}

std::optional<std::vector<std::string>> read_extended_key_usage(std::string_view der) {
  const auto usages = decode_whole<ExtendedKeyUsagePtr>(d2i_EXTENDED_KEY_USAGE, der);
  if (!usages) return std::nullopt;
  std::vector<std::string> oids;
  const int count = sk_ASN1_OBJECT_num(usages.get());
  for (int i = 0; i < count; ++i) oids.push_back(dotted(sk_ASN1_OBJECT_value(usages.get(), i)));
  return oids;
}

std::optional<BasicConstraints> read_basic_constraints(std::string_view der) {
  const auto parsed = decode_whole<BasicConstraintsPtr>(d2i_BASIC_CONSTRAINTS, der);
  if (!parsed) return std::nullopt;
  BasicConstraints constraints;
  constraints.ca = parsed->ca != 0;
  if (parsed->pathlen != nullptr) {
    const ErrorQueueGuard guard;
    std::int64_t length = 0;
    if (ASN1_INTEGER_get_int64(&length, parsed->pathlen) != 1 || length < 0) return std::nullopt;
    constraints.path_length = static_cast<long>(length);
  }
  return constraints;
}

std::optional<RawNames> read_names(std::string_view der) {
  const auto names = decode_whole<GeneralNamesPtr>(d2i_GENERAL_NAMES, der);
  if (!names) return std::nullopt;
  return read_general_names(*names);
}

std::optional<std::string> read_octets(std::string_view der) {
  const auto string = decode_whole<OctetStringPtr>(d2i_ASN1_OCTET_STRING, der);
  if (!string) return std::nullopt;
  return std::string(content(string.get()));
}

std::optional<std::string> read_authority_key_identifier(std::string_view der) {
  const auto identifier = decode_whole<AuthorityKeyIdPtr>(d2i_AUTHORITY_KEYID, der);
  if (!identifier) return std::nullopt;
  if (identifier->keyid == nullptr) return std::string();
  return std::string(content(identifier->keyid));
}

}  // namespace

// One walk over the extensions. OpenSSL's X509_get_ext_d2i() would walk once for each kind, and
// would overlook bytes that follow a value.
ExtensionSet read_extension_set(const X509* certificate) {
  ExtensionSet set;
  const STACK_OF(X509_EXTENSION)* stack = X509_get0_extensions(certificate);
  set.all = read_extensions(stack);
  for (std::size_t i = 0; i < set.all.size(); ++i) {
    const bool critical = set.all[i].critical;
    const std::string_view der = set.all[i].value;
    switch (OBJ_obj2nid(
        X509_EXTENSION_get_object(sk_X509_EXTENSION_value(stack, static_cast<int>(i))))) {
      case NID_key_usage:
        put(set.key_usage, critical, read_key_usage(der));
        break;
      case NID_ext_key_usage:
        put(set.extended_key_usage, critical, read_extended_key_usage(der));
        break;
      case NID_basic_constraints:
        put(set.basic_constraints, critical, read_basic_constraints(der));
        break;
      case NID_subject_alt_name:
        put(set.subject_alternative_names, critical, read_names(der));
        break;
      case NID_subject_key_identifier:
        put(set.subject_key_identifier, critical, read_octets(der));
        break;
      case NID_authority_key_identifier:
        put(set.authority_key_identifier, critical, read_authority_key_identifier(der));
        break;
      default:
        break;
    }
  }
  return set;
}

}  // namespace ipm::pki
