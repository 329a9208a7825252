#include "output/driver.h"

#include <fmt/format.h>

#include "output/file/file_driver.h"
#include "output/ipp/ipp_driver.h"
#include "output/raw/socket_driver.h"

namespace ipm::output {

Result ended_by(const Cancellation& cancellation) {
  if (cancellation.canceled()) return {Outcome::Canceled, "canceled"};
  return {Outcome::Left, "left for the next start of this server"};
}

std::optional<DeviceDescription> declared_by(const DeviceSettings& settings) {
  if (settings.declared.attributes.empty()) return std::nullopt;
  return DeviceDescription{settings.declared, {}, 0};
}

std::unique_ptr<Driver> make_driver(const Uri& device, const DeviceSettings& settings,
                                    const Environment& environment) {
  if (!device.query.empty()) {
    throw Error(Message::DeviceUriUnsupported, fmt::format("{} has a query", to_string(device)),
                "an address without one");
  }
  if (device.scheme == "file") return make_file_driver(device, settings, environment);
  if (device.scheme == "socket") return make_socket_driver(device, settings, environment);
  if (device.scheme == "ipp" || device.scheme == "ipps")
    return make_ipp_driver(device, settings, environment);
  throw Error(Message::DeviceUriUnsupported,
              fmt::format("no driver understands {}:", device.scheme),
              "file:///DIR/, socket://HOST[:9100], ipp://HOST/PATH or ipps://HOST/PATH");
}

}  // namespace ipm::output
