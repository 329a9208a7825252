#include "print/access.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace ipm::print {
namespace {

// Host names compare without case and wildcards stand for one label; other names to the letter.
bool entry_names(std::string_view entry, std::string_view name) {
  if (entry == name) return true;
  if (pki::DnsName::complaint(entry) || pki::DnsName::complaint(name)) return false;
  return pki::DnsName::parse(entry).matches(pki::DnsName::parse(name));
}

bool any_names(const std::vector<std::string>& entries, std::string_view name) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const std::string& entry) { return entry_names(entry, name); });
}

std::string who(const Caller& caller) {
  return fmt::format("{} ({}, {})", printable(caller.name), caller.proven ? "proven" : "not proven",
                     right_name(caller.right));
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

Right AccessPolicy::right_of(std::string_view proven_name) const {
  if (any_names(administrators, proven_name)) return Right::Administrator;
  if (any_names(operators, proven_name)) return Right::Operator;
  return Right::User;
}

void require_operator(const Caller& caller, std::string_view what) {
  if (caller.may_operate()) return;
  throw Error(Message::NotAllowed, fmt::format("{} may not {}", who(caller), what),
              "an operator or an administrator",
              "use the server's own machine (the local socket), or name the certificate under "
              "[access] operators in ipmd.toml");
}

void require_administrator(const Caller& caller, std::string_view what) {
  if (caller.may_administer()) return;
  throw Error(
      Message::NotAllowed, fmt::format("{} may not {}", who(caller), what), "an administrator",
      "use the server's own machine (the local socket) as the user that runs ipmd or root, or "
      "name the certificate under [access] administrators in ipmd.toml");
}

bool is_owner(const Caller& caller, std::string_view owner, bool owner_proven) {
  return caller.name == owner && caller.proven == owner_proven;
}

void require_owner(const Caller& caller, std::string_view owner, bool owner_proven,
                   std::string_view what) {
  if (caller.may_operate() || is_owner(caller, owner, owner_proven)) return;
  throw Error(Message::NotAllowed, fmt::format("{} may not {}", who(caller), what),
              fmt::format("its owner {} or an operator", printable(owner)));
}

}  // namespace ipm::print
