#include "print/topology/destination.h"

#include <algorithm>

#include "ipp/destination_name.h"

namespace ipm::print {

bool Queue::feeds(std::string_view device) const {
  return std::ranges::find(devices, device) != devices.end();
}

void check_destination_name(const std::string& name) {
  ipp::check_destination_name(name);
}

}  // namespace ipm::print
