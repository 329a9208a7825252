#include "pki/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ipm::pki {

bool all_passed(const Findings& findings) {
  return std::all_of(findings.begin(), findings.end(), [](const Finding& f) { return f.passed; });
}

Findings failures(const Findings& findings) {
  Findings failed;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(failed),
               [](const Finding& f) { return !f.passed; });
  return failed;
}

std::string to_line(const Findings& findings) {
  std::string line;
  for (const Finding& finding : findings) {
    if (finding.passed) continue;
    if (!line.empty()) line += " | ";
    if (!finding.subject.empty()) line += fmt::format("{}: ", finding.subject);
    line += fmt::format("{}: found {}; wanted {}", finding.rule, finding.found, finding.wanted);
    if (!finding.mend.empty()) line += fmt::format("; mend: {}", finding.mend);
  }
  return line;
}

}  // namespace ipm::pki
