#include "pki/rule_table.h"

#include <array>

#include "pki/rule_judgements.h"

namespace ipm::pki {
namespace {

using enum Needs;
using namespace judge;

constexpr FamilySet kRsaKeys = only(KeyFamily::Rsa);
constexpr FamilySet kSigningKeys = static_cast<FamilySet>(kAnyKey & ~only(KeyFamily::Rsa));
constexpr RoleSet kClients = only(Role::Client);
constexpr RoleSet kAuthorities = only(Role::Authority);

constexpr std::string_view kReissueServer =
    "issue it anew: ipm cert issue server NAME (own CA), or ask the CA for it by these words";
constexpr std::string_view kReissueMutual =
    "issue it anew: ipm cert issue server NAME --mutual (own CA); where a public CA no longer "
    "issues clientAuth, give the server a second certificate to dial with (dial_certificate)";
constexpr std::string_view kReissueClient =
    "issue it anew: ipm cert issue client NAME (own CA), or ask the CA for it by these words";
constexpr std::string_view kReissue =
    "issue it anew: ipm cert issue server|client NAME (own CA), or ask the CA for a sound one";
constexpr std::string_view kNewAuthority = "make a new authority: ipm ca create NAME";

// In the order of the requirements, then those of the standards.
constexpr std::array kRules = {
    Rule{"S2", "basic constraints of a CA", kAuthorities, kAnyKey, Nothing, is_critical_authority,
         basic_constraints_found, "basic constraints CA:TRUE, marked critical", kNewAuthority,
         "RFC 5280, 4.2.1.9"},
    Rule{"S2", "key usage of a CA", kAuthorities, kAnyKey, Nothing, signs_certificates_and_lists,
         key_usage_found, "key usage keyCertSign and cRLSign", kNewAuthority, "RFC 5280, 4.2.1.3"},
    Rule{"S7", "extended key usage of a server", kServers, kAnyKey, Nothing, has_server_auth,
         extended_key_usage_found, "extended key usage serverAuth", kReissueServer,
         "RFC 5280, 4.2.1.12"},
    Rule{"S7", "key usage of a server with an RSA key", kServers, kRsaKeys, Nothing,
         signs_and_enciphers, key_usage_found,
         "key usage digitalSignature and keyEncipherment (RSA key)", kReissueServer,
         "RFC 5280, 4.2.1.3"},
    Rule{"S7", "key usage of a server with a signing key", kServers, kSigningKeys, Nothing, signs,
         key_usage_found,
         "key usage digitalSignature alone: keyEncipherment belongs to RSA keys, and the standards "
         "forbid it for EC and Ed25519 keys",
         kReissueServer, "RFC 8813, 3; RFC 8410, 5"},
    Rule{"S8", "extended key usage of a client", kClients, kAnyKey, Nothing, has_client_auth,
         extended_key_usage_found, "extended key usage clientAuth", kReissueClient,
         "RFC 5280, 4.2.1.12"},
    Rule{"S8", "key usage of a client", kClients, kAnyKey, Nothing, signs, key_usage_found,
         "key usage digitalSignature", kReissueClient, "RFC 5280, 4.2.1.3"},
    Rule{"S9", "extended key usage under mutual authentication", only(Role::MutualServer), kAnyKey,
         Nothing, has_both_auths, extended_key_usage_found,
         "extended key usage serverAuth and clientAuth: a server is a client of other servers",
         kReissueMutual, "RFC 5280, 4.2.1.12"},
    Rule{"S10", "subject of a server", kServers, kAnyKey, Nothing, subject_is_host, subject_found,
         "the computer's full DNS name (ipmsrv.example.com) or a wildcard for the whole domain "
         "(*.example.com)",
         kReissueServer, "RFC 9525, 4.1"},
    Rule{"S10", "subject of a client", kClients, kAnyKey, Nothing, subject_is_client, subject_found,
         "one common name: the computer's full DNS name, a wildcard for the whole domain, or a "
         "user's name",
         kReissueClient, "RFC 5280, 4.1.2.6"},
    Rule{"S10", "wildcards", kLeaves, kAnyKey, Nothing, wildcards_are_whole, wildcards_found,
         "a wildcard only as the whole left-most label (*.example.com); partial wildcards are "
         "refused",
         "issue it anew with the full names, or with *.DOMAIN", "RFC 9525, 6.3"},
    Rule{"S11", "subject alternative name", kLeaves, kAnyKey, Nothing, alternative_names_are_sound,
         alternative_names_found,
         "well-formed names and addresses: DNS:alt1.example.com, IP:10.0.0.1, IP:fc00::1",
         "issue it anew with its names given by --names \"DNS:NAME, IP:ADDRESS\"",
         "RFC 5280, 4.2.1.6"},
    Rule{"S12", "the key belongs to the certificate", kEverybody, kAnyKey, Key, key_belongs,
         key_found, "the key whose public half the certificate carries",
         "put back the key that was made with this certificate, or issue both anew",
         "RFC 5280, 4.1"},
    Rule{
        "S14", "validity", kEverybody, kAnyKey, Clock, is_valid_now, validity_found,
        "a certificate that is valid today",
        "renew it, on the machine with the CA: ipm cert renew STEM, by the STEM of its files "
        "there; "
        "or install a new one: ipm cert import FILE; if it is not valid yet, check this computer's "
        "clock",
        "RFC 5280, 4.1.2.5"},
    Rule{"basic-constraints", "a leaf is not a CA", kLeaves, kAnyKey, Nothing, is_leaf,
         basic_constraints_found, "basic constraints CA:FALSE, and no keyCertSign", kReissue,
         "RFC 5280, 4.2.1.9"},
    Rule{"any-usage", "no wildcard among the usages", kLeaves, kAnyKey, Nothing, has_no_any_usage,
         extended_key_usage_found, "each purpose by its name; anyExtendedKeyUsage is refused",
         kReissue, "RFC 5280, 4.2.1.12"},
    Rule{"key-usage-of-key", "usages that the key can have", kLeaves, kSigningKeys, Nothing,
         enciphers_nothing, key_usage_found,
         "no keyEncipherment and no dataEncipherment: this kind of key only signs", kReissue,
         "RFC 8813, 3; RFC 8410, 5"},
    Rule{"key-strength", "strength of the key", kEverybody, kAnyKey, Nothing, key_is_strong,
         key_strength_found, "RSA of 2048 to 8192 bits, EC P-256, P-384 or P-521, or Ed25519",
         "issue it anew with a new key (--key rsa2048, p256 or ed25519)", "NIST SP 800-131A, 3"},
    Rule{"signature-digest", "digest of the signature", kEverybody, kAnyKey, Nothing,
         digest_is_strong, digest_found, "SHA-256 or stronger; SHA-1 and MD5 can be forged",
         kReissue, "RFC 9155"},
    Rule{"version", "version", kEverybody, kAnyKey, Nothing, is_version_3, version_found,
         "version 3, as every certificate with extensions", kReissue, "RFC 5280, 4.1.2.1"},
    Rule{"serial", "serial number", kEverybody, kAnyKey, Nothing, serial_is_sound, serial_found,
         "a positive serial number of at most 20 octets", kReissue, "RFC 5280, 4.1.2.2"},
    Rule{"extensions", "well-formed extensions", kEverybody, kAnyKey, Nothing, extensions_are_sound,
         extensions_found, "every extension once and undamaged", kReissue, "RFC 5280, 4.2"},
    Rule{"critical-extensions", "known critical extensions", kEverybody, kAnyKey, Nothing,
         critical_extensions_are_known, critical_extensions_found,
         "no critical extension that is not understood here", kReissue, "RFC 5280, 4.2"},
};

}  // namespace

std::span<const Rule> rule_table() {
  return kRules;
}

}  // namespace ipm::pki
