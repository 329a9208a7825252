#include "print/topology/destination.h"

#include <algorithm>

#include "base/uri.h"

namespace ipm::print {

bool Queue::feeds(std::string_view device) const {
  return std::ranges::find(devices, device) != devices.end();
}

Recourse recourse_at(const ActualDestination& device) {
  const auto uri = find_uri(device.device_uri);
  if (!uri) return {};
  return {uri->scheme == "ipp" || uri->scheme == "ipps", uri->scheme == "file"};
}

}  // namespace ipm::print
