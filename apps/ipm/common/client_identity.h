#pragma once
// The certificate with which this client proves itself: how long it holds, and what to do when a
// server misses it.

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "ipm/common/context.h"
#include "ipm/common/ipp_session_target.h"

namespace ipm::app {

// One line to standard error where it has fewer days left than warn_days of ipm.toml; nothing with
// --json, where add_identity_json() says it. What keeps it from being told is passed over.
void warn_of_expiry(const Context& context, const ServerTarget& target) noexcept;
// "client-certificate" with name, expiry, days-left and expires-soon, where there is one.
void add_identity_json(nlohmann::json& document, const Context& context,
                       const ServerTarget& target);

// What a server's refusal means for this client: its mend names this user's own files.
Error with_mend_of_client(const Error& refusal, const ServerTarget& target);

}  // namespace ipm::app
