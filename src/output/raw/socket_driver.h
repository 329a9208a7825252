#pragma once
// socket://HOST[:PORT]: the bytes, one document and copy after the other, in one connection.

#include <memory>

#include "output/driver.h"
#include "output/limits.h"

namespace ipm::output {

std::unique_ptr<Driver> make_socket_driver(const Uri& device, const DeviceSettings& settings,
                                           const Environment& environment,
                                           const Patience& patience = {});

}  // namespace ipm::output
