#pragma once
// Who is asking, and what a proven identity may do (B4). Under mutual authentication the name is
// the certificate's, never what the request claims.

#include <string>
#include <string_view>
#include <vector>

#include "access/owner.h"

namespace ipm::access {

enum class Right { User, Operator, Administrator };  // each includes those before it
std::string_view right_name(Right right);

struct Caller {
  Owner identity;  // owner of the jobs that it makes
  Right right = Right::User;
  std::string address;      // "192.0.2.7:40112"
  std::string certificate;  // SHA-256 fingerprint, empty without one
  std::string serial;
  std::string protocol;  // "TLSv1.3", empty in plaintext

  const std::string& name() const { return identity.name; }
  bool proven() const { return identity.proven(); }
  bool may_operate() const { return right >= Right::Operator; }
  bool may_administer() const { return right == Right::Administrator; }
  bool owns(const Owner& owner) const { return identity == owner; }
};

// "alice (certificate, operator)", "bob (not proven, user)", harmless to print.
std::string describe(const Caller& caller);

// From [access] of the configuration: names of certificates. Names with a dot are host names,
// compared without case, "*." standing for one whole label; all others are compared to the letter.
struct AccessPolicy {
  std::vector<std::string> operators;
  std::vector<std::string> administrators;

  // `name` is a certificate's, whole.
  Right right_of(std::string_view name) const;
};

}  // namespace ipm::access
