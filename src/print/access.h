#pragma once
// Who is asking, and what that proven identity may do (B4). Under mutual authentication the name is
// the certificate's, never what the request claims.

#include <string>
#include <string_view>
#include <vector>

#include "pki/names.h"

namespace ipm::print {

enum class Right { User, Operator, Administrator };  // each includes those before it
std::string_view right_name(Right right);

struct Caller {
  std::string name;     // owner of the jobs that it makes
  bool proven = false;  // by a certificate or by the local socket
  Right right = Right::User;
  std::string address;      // "192.0.2.7:40112"
  std::string certificate;  // SHA-256 fingerprint, empty without one
  std::string serial;
  std::string protocol;  // "TLSv1.3", empty in plaintext

  bool may_operate() const { return right >= Right::Operator; }
  bool may_administer() const { return right == Right::Administrator; }
};

// From [access] of the configuration: names of certificates, whole-label wildcards allowed.
struct AccessPolicy {
  std::vector<std::string> operators;
  std::vector<std::string> administrators;

  Right right_of(std::string_view proven_name) const;
};

// Throws Error{NotAllowed} naming the caller, `what` it wanted and who may.
void require_operator(const Caller& caller, std::string_view what);
void require_administrator(const Caller& caller, std::string_view what);
// The owner of a job, or an operator. An unproven caller counts as the owner of what was made under
// the same unproven name alone: nobody can claim a proven owner's job.
bool is_owner(const Caller& caller, std::string_view owner, bool owner_proven);
void require_owner(const Caller& caller, std::string_view owner, bool owner_proven,
                   std::string_view what);

}  // namespace ipm::print
