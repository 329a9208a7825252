#include "pki/general_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pki/limits.h"

namespace ipm::pki {
namespace {

using StringPtr = Ptr<ASN1_STRING, ASN1_STRING_free>;

void set_bytes(ASN1_STRING* string, std::string_view bytes) {
  must(ASN1_STRING_set(string, bytes.data(), static_cast<int>(bytes.size())), "ASN1_STRING_set");
}

void push(GENERAL_NAMES& names, GeneralNamePtr name) {
  must(sk_GENERAL_NAME_push(&names, name.get()), "sk_GENERAL_NAME_push");
  name.release();  // The stack owns it now.
}

void push_string(GENERAL_NAMES& names, int type, int string_type, std::string_view bytes) {
  GeneralNamePtr name = own<GeneralNamePtr>(GENERAL_NAME_new(), "GENERAL_NAME_new");
  StringPtr string = own<StringPtr>(ASN1_STRING_type_new(string_type), "ASN1_STRING_type_new");
  set_bytes(string.get(), bytes);
  GENERAL_NAME_set0_value(name.get(), type, string.release());
  push(names, std::move(name));
}

// UTF-8 C1 controls steer terminals; OpenSSL escapes only the ASCII ones.
std::string without_c1_controls(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool c1 =
        line[i] == '\xC2' && i + 1 < line.size() && static_cast<unsigned char>(line[i + 1]) < 0xA0;
    if (c1) {
      out += fmt::format("\\C2\\{:02X}", static_cast<unsigned char>(line[++i]));
    } else {
      out += line[i];
    }
  }
  return out;
}

}  // namespace

GeneralNamesPtr make_general_names(const Names& names) {
  GeneralNamesPtr stack = own<GeneralNamesPtr>(GENERAL_NAMES_new(), "GENERAL_NAMES_new");
  for (const DnsName& name : names.dns) {
    push_string(*stack, GEN_DNS, V_ASN1_IA5STRING, name.text());
  }
  for (const IpAddress& address : names.addresses) {
    push_string(*stack, GEN_IPADD, V_ASN1_OCTET_STRING, address.bytes());
  }
  return stack;
}

RawNames read_general_names(const GENERAL_NAMES& names) {
  RawNames raw;
  const int count = sk_GENERAL_NAME_num(&names);
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(&names, i);
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(name, &type);
    auto bytes = [&] { return std::string(content(static_cast<const ASN1_STRING*>(value))); };
    switch (type) {
      case GEN_DNS:
        raw.dns.push_back(bytes());
        break;
      case GEN_IPADD:
        raw.addresses.push_back(bytes());
        break;
      case GEN_EMAIL:
        raw.emails.push_back(bytes());
        break;
      case GEN_URI:
        raw.uris.push_back(bytes());
        break;
      case GEN_DIRNAME:
        raw.directory_names.push_back(name_der(static_cast<const X509_NAME*>(value)));
        break;
      default:
        ++raw.others;
    }
  }
  return raw;
}

Names RawNames::valid() const {
  Names names;
  for (const std::string& name : dns) {
    if (const auto valid_name = DnsName::find(name)) names.add(*valid_name);
  }
  for (const std::string& bytes : addresses) {
    if (const auto address = IpAddress::from_bytes(bytes)) names.add(*address);
  }
  return names;
}

std::vector<Extension> read_extensions(const STACK_OF(X509_EXTENSION) * extensions) {
  std::vector<Extension> all;
  const int count = sk_X509_EXTENSION_num(extensions);
  for (int i = 0; i < count; ++i) {
    // These getters take what they only read as not const.
    auto* extension = sk_X509_EXTENSION_value(extensions, i);
    all.push_back({dotted(X509_EXTENSION_get_object(extension)),
                   X509_EXTENSION_get_critical(extension) == 1,
                   std::string(content(X509_EXTENSION_get_data(extension)))});
  }
  return all;
}

ExtensionValue<RawNames> read_alternative_names(const STACK_OF(X509_EXTENSION) * extensions) {
  ExtensionValue<RawNames> names;
  const int count = sk_X509_EXTENSION_num(extensions);
  for (int i = 0; i < count; ++i) {
    auto* extension = sk_X509_EXTENSION_value(extensions, i);
    if (OBJ_obj2nid(X509_EXTENSION_get_object(extension)) != NID_subject_alt_name) continue;
    const auto stack = decode_whole<GeneralNamesPtr>(d2i_GENERAL_NAMES,
                                                     content(X509_EXTENSION_get_data(extension)));
    if (!stack || names.present()) {
      names.broken = true;
    } else {
      names.value = read_general_names(*stack);
    }
    names.critical = names.critical || X509_EXTENSION_get_critical(extension) == 1;
  }
  if (names.broken) names.value.reset();
  return names;
}

std::string name_line(const X509_NAME* name) {
  const ErrorQueueGuard guard;
  const BioPtr writer = memory_writer();
  // As OpenSSL's own one line, but with UTF-8 left readable.
  constexpr unsigned long kFlags =
      XN_FLAG_ONELINE & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (X509_NAME_print_ex(writer.get(), name, 0, kFlags) < 0) return "(unreadable name)";
  return without_c1_controls(written(writer.get()));
}

std::vector<std::string> name_entries(const X509_NAME* name, int nid) {
  const ErrorQueueGuard guard;
  std::vector<std::string> entries;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;) {
    entries.push_back(utf8_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))));
  }
  return entries;
}

std::string utf8_text(const ASN1_STRING* text) {
  const ErrorQueueGuard guard;
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, text);
  if (size < 0) return std::string(content(text));  // Unreadable is not absent.
  std::string read(as_text(utf8, static_cast<std::size_t>(size)));
  OPENSSL_free(utf8);
  return read;
}

std::string name_der(const X509_NAME* name) {
  const ErrorQueueGuard guard;
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(name, &der, &size) != 1) return {};
  return std::string(as_text(der, size));
}

NamePtr make_name(std::string_view common_name) {
  const bool has_control = std::any_of(common_name.begin(), common_name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (common_name.empty() || common_name.size() > kCommonNameBytesMax || !is_utf8(common_name) ||
      has_control) {
    throw Error(Message::NameInvalid,
                fmt::format("\"{}\" cannot be a common name", printable(common_name)),
                fmt::format("1 to {} bytes of UTF-8 without control characters (RFC 5280)",
                            kCommonNameBytesMax),
                "choose a shorter name, and put long DNS names into the SAN alone");
  }
  NamePtr name = own<NamePtr>(X509_NAME_new(), "X509_NAME_new");
  must(X509_NAME_add_entry_by_NID(name.get(), NID_commonName, MBSTRING_UTF8, octets(common_name),
                                  static_cast<int>(common_name.size()), -1, 0),
       "X509_NAME_add_entry_by_NID");
  return name;
}

}  // namespace ipm::pki
