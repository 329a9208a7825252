#pragma once
// What an operation asks of its caller, as a value of the operations' table, and the one decision
// whether a caller has it (B4).

#include <cstdint>
#include <string_view>

#include "access/caller.h"

namespace ipm::access {

enum class Need : std::uint8_t {
  Anyone,
  JobOwner,  // the owner of the job that the operation names, or an operator
  Operator,
  Administrator,
};

// `owner` is that of the job which the operation names; null where it names none, and then nobody
// but an operator is taken for the owner.
bool allows(Need need, const Caller& caller, const Owner* owner);

// Throws Error{NotAllowed} naming the caller, `what` it wanted ("cancel job 7") and who may.
void require(Need need, const Caller& caller, const Owner* owner, std::string_view what);

}  // namespace ipm::access
