#pragma once
// Certificate requests (PKCS#10, RFC 2986): the key never leaves the requester.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pki/certificate.h"
#include "pki/key.h"
#include "pki/names.h"

struct X509_req_st;

namespace ipm::pki {

// Immutable once made or parsed.
class Request {
 public:
  // Throws Error{NameInvalid} for a common name beyond RFC 5280's bounds.
  static Request make(const PrivateKey& key, std::string_view common_name, const Names& names);
  // PEM, exactly one. Throws Error{RequestUnusable}; the request's own signature is verified, and
  // its key must have no complaint().
  static Request parse(std::string_view pem, std::string_view origin);
  static Request parse_der(std::string_view der, std::string_view origin);

  std::string pem() const;
  std::string der() const;
  PublicKey public_key() const;
  std::string subject() const;                     // as Certificate::subject()
  std::optional<std::string> common_name() const;  // if exactly one
  // What the subject holds beside that common name: "O = Example", each an entry.
  std::vector<std::string> other_subject_parts() const;
  // What the request asks for as SAN, valid or not.
  ExtensionValue<RawNames> subject_alternative_names() const;
  // The DNS names and addresses of the SAN. Throws Error{NameInvalid} for a SAN that is damaged or
  // whose names break the rules; other kinds of names are not what we issue and are left out.
  Names names() const;

  X509_req_st* handle() const { return request_.get(); }

 private:
  explicit Request(std::shared_ptr<X509_req_st> request) : request_(std::move(request)) {}

  std::shared_ptr<X509_req_st> request_;
};

}  // namespace ipm::pki
