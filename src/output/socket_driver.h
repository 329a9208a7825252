#pragma once
// socket://HOST[:9100]: the document's bytes, and nothing else (AppSocket, "raw" printing).

#include <memory>

#include "output/driver.h"

namespace ipm::output {

std::unique_ptr<Driver> make_socket_driver(const Uri& device, const DeviceSettings& settings,
                                           const Environment& environment);

}  // namespace ipm::output
