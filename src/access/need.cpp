#include "access/need.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace ipm::access {

bool allows(Need need, const Caller& caller, const Owner* owner) {
  switch (need) {
    case Need::Anyone:
      return true;
    case Need::JobOwner:
      return caller.may_operate() || (owner != nullptr && caller.owns(*owner));
    case Need::Operator:
      return caller.may_operate();
    case Need::Administrator:
      return caller.may_administer();
  }
  return false;
}

void require(Need need, const Caller& caller, const Owner* owner, std::string_view what) {
  if (allows(need, caller, owner)) return;
  const std::string happened = fmt::format("{} may not {}", describe(caller), what);
  if (need == Need::JobOwner) {
    const std::string who =
        owner == nullptr
            ? "its owner"
            : fmt::format("its owner {} ({})", printable(owner->name), kind_name(owner->kind));
    throw Error(Message::NotAllowed, happened, who + " or an operator");
  }
  if (need == Need::Operator) {
    throw Error(Message::NotAllowed, happened, "an operator or an administrator",
                "use the server's own machine (the local socket), or name the certificate under "
                "[access] operators in ipmd.toml");
  }
  throw Error(
      Message::NotAllowed, happened, "an administrator",
      "use the server's own machine (the local socket) as the user that runs ipmd or root, or "
      "name the certificate under [access] administrators in ipmd.toml");
}

}  // namespace ipm::access
