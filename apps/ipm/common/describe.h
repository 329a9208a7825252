#pragma once
// Certificates in words and as JSON, the same in every command.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "ipm/common/context.h"
#include "pki/certificate.h"
#include "pki/rules.h"

namespace ipm::app {

// "server", "mutual", "client" or "authority"; throws Error{UsageWrong}.
pki::Role parse_role(std::string_view word);

// "May 21 10:33:41 2029 GMT (in 397 days)", "(expired 3 days ago)".
std::string expiry_text(TimePoint not_after, TimePoint now);

nlohmann::json certificate_json(const pki::Certificate& certificate, TimePoint now);

// All that a person asks of a certificate, in aligned lines.
std::string certificate_text(const pki::Certificate& certificate, TimePoint now);

// The lines below "Wrote FILE": names, serial, fingerprint, expiry.
void say_certificate(const Context& context, const pki::Certificate& certificate);

}  // namespace ipm::app
