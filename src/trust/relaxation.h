#pragma once
// Rules beyond RFC 5280 that certificates under one CA need not keep: for old devices, by the CA's
// fingerprint and the rules' names ([[trust.relax]] in the configuration).
//
// We rejected naming the CA by its subject: another CA may bear the same name, and an exception
// must not pass to it.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pki/digest.h"
#include "trust/anchors.h"
#include "trust/verifier.h"

namespace ipm::trust {

struct Relaxation {
  pki::Sha256 anchor{};            // of the CA's certificate
  std::vector<std::string> rules;  // see path_rules.def
  std::string origin;              // "FILE, line N", for messages
};

// Throws Error{ConfigurationWrong} for a fingerprint that is none, and for a name that is no
// relaxable rule's, listing those that are.
Relaxation parse_relaxation(std::string_view fingerprint, std::vector<std::string> rules,
                            std::string origin);

// Excepts the anchors that are named; one that is not among them is passed over. Throws
// Error{ConfigurationWrong} for a publicly trusted one: whatever it signs is believed everywhere,
// so a weakness that is overlooked in one device's certificate would let anybody forge another, for
// any name. `anchors` are marked (public_roots.h).
void relax(std::vector<Anchor>& anchors, std::span<const Relaxation> relaxations);

// The lines of the configuration that would let a chain pass, where all that it breaks can be
// relaxed for the CA of one's own at its end; else nothing.
std::optional<std::string> relaxation_advice(const Verdict& verdict,
                                             std::span<const Anchor> anchors);

// Whether it names one of them.
bool concerns(const Relaxation& relaxation, std::span<const Anchor> anchors);

}  // namespace ipm::trust
