#pragma once
// A destination as printer attributes: what CUPS-Add-Modify-Printer says of it, as the topology's
// values, and back.

#include "ipp/value.h"
#include "print/topology/destination.h"

namespace ipm::print {

// Throws Error{AttributesUnsupported} for a value that no policy has.
DestinationOrder read_order(const std::string& name, const ipp::AttributeList& wanted);
DestinationChange read_change(const ipp::AttributeList& wanted);

// How the device is set, as Get-Printer-Attributes tells it.
void add_settings(ipp::AttributeList& list, const output::DeviceSettings& settings,
                  const ErrorPolicy& policy);

}  // namespace ipm::print
