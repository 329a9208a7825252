#pragma once
// User name and password for devices that ask for them (HTTP Basic and Digest, RFC 7617 and 7616),
// from a private file.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace ipm::ippclient {

struct Credentials {
  std::string user;
  std::shared_ptr<const Secret> password;
};

// One line, USER:PASSWORD, in UTF-8. Throws Error{FileNotFound, FileUnreadable, ConfigurationWrong}
// where it is no such file, or where others than its owner may read it.
Credentials read_credentials(const std::filesystem::path& file);

// The Authorization field that answers the strongest challenge that we can: Digest with SHA-256, with
// MD5, then Basic. Nothing when there is none of them. `count`: of the requests with that nonce.
std::optional<std::string> authorize(const Credentials& credentials, std::string_view challenges,
                                     std::string_view method, std::string_view target, int count);

}  // namespace ipm::ippclient
