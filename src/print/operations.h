#pragma once
// The IPP operations that this server carries out: one table, from which operations-supported and
// the dispatch follow.

#include <cstdint>
#include <vector>

namespace ipm::print {

// As operations-supported of a printer lists them (RFC 8011, 5.4.15), ascending.
const std::vector<std::int32_t>& supported_operations();

}  // namespace ipm::print
