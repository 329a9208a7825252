#pragma once
// What the rows of the rule table ask: for each a predicate that makes no strings, and the words
// for what was found. For rule_table.cpp alone.

#include <string>

#include "pki/rule_table.h"

namespace ipm::pki::judge {

KeyFamily key_family(const Certificate& certificate);

// S7, S8, S9: extended key usage.
bool has_server_auth(const Examined& examined);
bool has_client_auth(const Examined& examined);
bool has_both_auths(const Examined& examined);
bool has_no_any_usage(const Examined& examined);
std::string extended_key_usage_found(const Examined& examined);

// S7, S8: key usage.
bool signs_and_enciphers(const Examined& examined);
bool signs(const Examined& examined);
bool enciphers_nothing(const Examined& examined);
std::string key_usage_found(const Examined& examined);

// S10, S11: names (rule_names.cpp).
bool subject_is_host(const Examined& examined);
bool subject_is_client(const Examined& examined);
std::string subject_found(const Examined& examined);
bool wildcards_are_whole(const Examined& examined);
std::string wildcards_found(const Examined& examined);
bool alternative_names_are_sound(const Examined& examined);
std::string alternative_names_found(const Examined& examined);

// S12.
bool key_belongs(const Examined& examined);
std::string key_found(const Examined& examined);

// S14.
bool is_valid_now(const Examined& examined);
std::string validity_found(const Examined& examined);

// S2: a CA.
bool is_critical_authority(const Examined& examined);
bool signs_certificates_and_lists(const Examined& examined);
// RFC 5280, 4.2.1.9: a leaf is not a CA, nor does it claim a CA's key usage.
bool is_leaf(const Examined& examined);
std::string basic_constraints_found(const Examined& examined);

bool key_is_strong(const Examined& examined);
std::string key_strength_found(const Examined& examined);
bool digest_is_strong(const Examined& examined);
std::string digest_found(const Examined& examined);
bool is_version_3(const Examined& examined);
std::string version_found(const Examined& examined);
bool serial_is_sound(const Examined& examined);
std::string serial_found(const Examined& examined);
bool extensions_are_sound(const Examined& examined);
std::string extensions_found(const Examined& examined);
bool critical_extensions_are_known(const Examined& examined);
std::string critical_extensions_found(const Examined& examined);

}  // namespace ipm::pki::judge
