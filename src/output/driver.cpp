#include "output/driver.h"

#include <fmt/format.h>

#include "output/file_driver.h"
#include "output/ipp_driver.h"
#include "output/socket_driver.h"

namespace ipm::output {

std::unique_ptr<Driver> make_driver(const Uri& device, const Environment& environment) {
  if (!device.query.empty()) {
    throw Error(Message::DeviceUriUnsupported, fmt::format("{} has a query", to_string(device)),
                "an address without one");
  }
  if (device.scheme == "file") return make_file_driver(device, environment);
  if (device.scheme == "socket") return make_socket_driver(device, environment);
  if (device.scheme == "ipp" || device.scheme == "ipps")
    return make_ipp_driver(device, environment);
  throw Error(Message::DeviceUriUnsupported,
              fmt::format("no driver understands {}:", device.scheme),
              "file:///DIR/, socket://HOST[:9100], ipp://HOST/PATH or ipps://HOST/PATH");
}

}  // namespace ipm::output
