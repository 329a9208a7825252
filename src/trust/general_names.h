#pragma once
// The names that extensions carry (RFC 5280, 4.2.1.6: GeneralName), and the syntax each kind must
// keep. Everything is a view into the certificate.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trust/der.h"
#include "trust/distinguished_name.h"

namespace ipm::trust {

// The numbers of the choice, as in the standard.
enum class NameKind : std::uint8_t {
  Other = 0,
  Email = 1,
  Dns = 2,
  X400 = 3,
  Directory = 4,
  EdiParty = 5,
  Uri = 6,
  Address = 7,
  RegisteredId = 8,
};
std::string_view name_kind_word(NameKind kind);  // "dNSName"

struct GeneralName {
  NameKind kind = NameKind::Other;
  std::string_view value;                      // the content; of a directory name its encoding
  std::optional<DistinguishedName> directory;  // present exactly for Directory
};

// Absent: not a GeneralName.
std::optional<GeneralName> parse_general_name(const der::Element& element);
// The names of GeneralNames' content (without its SEQUENCE). Absent: damaged. May be empty.
std::optional<std::vector<GeneralName>> parse_general_names(std::string_view content);

// Why a name breaks its kind's syntax, or nothing. Kinds without a syntax here never do.
std::optional<std::string> name_complaint(const GeneralName& name);

// As pki::DnsName::complaint; with `wildcard_allowed` the left-most label may be "*" (S10).
std::optional<std::string> dns_complaint(std::string_view text, bool wildcard_allowed);
// Mailbox "local@host" (RFC 5280, 4.2.1.6).
std::optional<std::string> email_complaint(std::string_view text);

// The host of a URI with an authority; empty where it has none.
std::string_view uri_host(std::string_view uri);

// Whether `name` is `domain` or stands below it; without case. Both are dotted names.
bool is_within(std::string_view name, std::string_view domain);

}  // namespace ipm::trust
