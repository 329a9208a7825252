#pragma once
// Certificate requests (PKCS#10, RFC 2986): the key never leaves the requester.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pki/key.h"
#include "pki/names.h"

struct X509_req_st;

namespace ipm::pki {

class Request {
 public:
  static Request make(const PrivateKey& key, std::string_view common_name, const Names& names);
  // PEM. Throws Error{RequestUnusable}; the request's own signature is verified.
  static Request parse(std::string_view pem, std::string_view origin);

  std::string pem() const;
  std::string der() const;
  PublicKey public_key() const;
  std::optional<std::string> common_name() const;
  Names names() const;  // Throws Error{NameInvalid} for a SAN that breaks the rules.

 private:
  explicit Request(std::shared_ptr<X509_req_st> request) : request_(std::move(request)) {}

  std::shared_ptr<X509_req_st> request_;
};

}  // namespace ipm::pki
