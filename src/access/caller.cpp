#include "access/caller.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pki/names.h"

namespace ipm::access {
namespace {

// A bare word parses as a DNS name too, but is a person's: "carol" is not "CAROL".
bool is_host_name(std::string_view name) {
  return name.find('.') != std::string_view::npos && !pki::DnsName::complaint(name);
}

// An entry with "*." is a pattern, which no certificate with a wildcard of its own takes for itself.
bool entry_names(std::string_view entry, std::string_view name) {
  if (entry == name) return !entry.starts_with("*.");
  if (!is_host_name(entry) || !is_host_name(name)) return false;
  return pki::DnsName::parse(entry).matches(pki::DnsName::parse(name));
}

bool any_names(const std::vector<std::string>& entries, std::string_view name) {
  return !name.empty() &&
         std::any_of(entries.begin(), entries.end(),
                     [&](const std::string& entry) { return entry_names(entry, name); });
}

}  // namespace

std::string_view right_name(Right right) {
  switch (right) {
    case Right::User:
      return "user";
    case Right::Operator:
      return "operator";
    case Right::Administrator:
      return "administrator";
  }
  return "user";
}

std::string describe(const Caller& caller) {
  return fmt::format("{} ({}, {})", printable(caller.name()),
                     caller.proven() ? kind_name(caller.identity.kind) : "not proven",
                     right_name(caller.right));
}

Right AccessPolicy::right_of(std::string_view name) const {
  if (any_names(administrators, name)) return Right::Administrator;
  if (any_names(operators, name)) return Right::Operator;
  return Right::User;
}

}  // namespace ipm::access
