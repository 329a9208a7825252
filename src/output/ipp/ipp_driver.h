#pragma once
// ipp:// and ipps://HOST/PATH: an IPP printer or another server. The job is followed to its end
// there; with ipps the printer's certificate is judged by our rules, and the dialling identity is
// shown.

#include <memory>

#include "output/driver.h"
#include "output/limits.h"

namespace ipm::output {

std::unique_ptr<Driver> make_ipp_driver(const Uri& device, const DeviceSettings& settings,
                                        const Environment& environment,
                                        const Patience& patience = {});

}  // namespace ipm::output
