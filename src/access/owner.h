#pragma once
// To whom a job belongs: the kind of proof, who vouched for the name, and the name itself. Owners
// are compared whole, so a network certificate "daemon" is never the local user "daemon".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ipm::access {

enum class OwnerKind : std::uint8_t {
  Claimed,      // a name that the request states and nothing proves
  Local,        // a user of this computer, vouched for by the operating system
  Certificate,  // the name in a certificate that a trusted CA signed
};
std::string_view kind_name(OwnerKind kind);  // "claimed", "local", "certificate"
std::optional<OwnerKind> find_kind(std::string_view name);

struct Owner {
  OwnerKind kind = OwnerKind::Claimed;
  // SHA-256 of the public key that signed the certificate, in hex; empty for the other kinds. Two
  // CAs may give the same name to two people.
  std::string issuer;
  std::string name;  // to the letter, whole

  bool operator==(const Owner&) const = default;

  bool proven() const { return kind != OwnerKind::Claimed; }
};

// The name of whoever states none.
inline constexpr std::string_view kAnonymous = "anonymous";

}  // namespace ipm::access
