#pragma once
// The table of rules itself: a row a rule. rules.h offers what the floors above need of it.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pki/rules.h"

namespace ipm::pki {

// What the public key can do decides which key usages are right.
enum class KeyFamily : std::uint8_t {
  Rsa,      // signs, and may encipher keys
  Signing,  // EC, Ed25519, Ed448, RSA-PSS: signs alone
  Other,    // DSA, Diffie-Hellman, unknown or damaged
};

// One certificate under examination.
struct Examined {
  const Certificate& certificate;
  Role role;
  KeyFamily family;
  TimePoint now;
  int warn_days;
  const PrivateKey* key;  // May be null.
};

// Sets of roles and key families, as bits.
using RoleSet = std::uint8_t;
constexpr RoleSet only(Role role) {
  return static_cast<RoleSet>(1U << static_cast<unsigned>(role));
}
inline constexpr RoleSet kServers =
    static_cast<RoleSet>(only(Role::Server) | only(Role::MutualServer));
inline constexpr RoleSet kLeaves = static_cast<RoleSet>(kServers | only(Role::Client));
inline constexpr RoleSet kEverybody = static_cast<RoleSet>(kLeaves | only(Role::Authority));

using FamilySet = std::uint8_t;
constexpr FamilySet only(KeyFamily family) {
  return static_cast<FamilySet>(1U << static_cast<unsigned>(family));
}
inline constexpr FamilySet kAnyKey = 0xFF;

// What must be known besides the certificate for the rule to be judged at all.
enum class Needs : std::uint8_t { Nothing, Key, Clock };

struct Rule {
  std::string_view number;  // "S7", or the standard's own short name: "key-strength"
  std::string_view title;
  RoleSet roles;
  FamilySet families;
  Needs needs;
  bool (*holds)(const Examined&);         // Makes no strings.
  std::string (*found)(const Examined&);  // In words, whether it holds or not.
  std::string_view wanted;
  std::string_view mend;
  std::string_view reference;
};

std::span<const Rule> rule_table();

}  // namespace ipm::pki
