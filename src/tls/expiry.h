#pragma once
// What is going to end, and must be said in time: our certificates (S14) and the revocation lists.

#include <string>

#include "tls/generation.h"
#include "tls/notice.h"

namespace ipm::tls {

// S14, to the letter: "The SSL/TLS certificate for InfoPrint Manager expires on May 21 10:33:41
// 2029 GMT"
std::string expiry_warning(const pki::Certificate& certificate);

// One for each identity that expires soon, and for each list that has expired or is about to.
Notices expiry_notices(const Generation& generation);

}  // namespace ipm::tls
