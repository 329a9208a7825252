#pragma once
// Attributes on their way between clients and devices: texts without control characters, well-formed
// and of a bounded length. Some devices lock up over a Ctrl-S in a job's name.

#include "ipp/message.h"

namespace ipm::output {

ipp::Attribute cleaned(const ipp::Attribute& attribute);

// What a device says of itself, filtered: what it can, and how it is. Its addresses, names and
// protocol matters are not for clients, who speak with this server.
ipp::AttributeList capabilities_among(const ipp::AttributeList& told);
ipp::AttributeList state_among(const ipp::AttributeList& told);

}  // namespace ipm::output
