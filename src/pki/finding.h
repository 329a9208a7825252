#pragma once
// A judgement on data: one broken (or kept) rule, in words.

#include <string>
#include <string_view>
#include <vector>

namespace ipm::pki {

// `rule` is a requirement's number ("S7") where there is one, else a short name of the standard's
// rule ("path-length"). `reference` names the standard and section ("RFC 5280, 4.2.1.9").
struct Finding {
  std::string rule;
  bool passed = false;
  std::string subject;  // Which certificate, where there are several: its name. May be empty.
  std::string found;
  std::string wanted;
  std::string mend;
  std::string reference;

  bool operator==(const Finding&) const = default;
};

using Findings = std::vector<Finding>;

bool all_passed(const Findings& findings);
Findings failures(const Findings& findings);

// "S7: found …; wanted …; mend: …", failed ones only, joined by " | ". For logs and Error texts.
std::string to_line(const Findings& findings);

}  // namespace ipm::pki
