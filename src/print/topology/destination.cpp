#include "print/topology/destination.h"

#include <algorithm>

#include "base/uri.h"
#include "ipp/destination_name.h"

namespace ipm::print {

bool Queue::feeds(std::string_view device) const {
  return std::ranges::find(devices, device) != devices.end();
}

Recourse recourse_at(const ActualDestination& device) {
  const auto uri = find_uri(device.device_uri);
  if (!uri) return {};
  return {uri->scheme == "ipp" || uri->scheme == "ipps", uri->scheme == "file"};
}

void check_destination_name(const std::string& name) {
  ipp::check_destination_name(name);
}

}  // namespace ipm::print
