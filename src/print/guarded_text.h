#pragma once
// Texts for people in which addresses and paths stand between marks, so that whoever shows one can
// leave them out: they say where to go round the queue, and how this server is laid out. Guarded
// texts may be joined and cut like others.

#include <string>
#include <string_view>

#include "print/topology/destination.h"

namespace ipm::print {

// Marks what names the device's address or its files, and any other address or absolute path.
std::string guarded(std::string_view text, const ActualDestination& device);
std::string guarded(std::string_view text);

std::string in_full(std::string_view guarded);
// "cannot connect to the device", "a file there cannot be written".
std::string without_places(std::string_view guarded);

}  // namespace ipm::print
