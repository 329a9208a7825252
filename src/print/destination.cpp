#include "print/destination.h"

#include "ipp/destination_name.h"

namespace ipm::print {

void check_destination_name(const std::string& name) {
  ipp::check_destination_name(name);
}

}  // namespace ipm::print
