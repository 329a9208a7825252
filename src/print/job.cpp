#include "print/job.h"

#include <numeric>

namespace ipm::print {

std::uint64_t Job::bytes() const {
  return std::accumulate(
      documents.begin(), documents.end(), std::uint64_t{0},
      [](std::uint64_t sum, const DocumentInfo& document) { return sum + document.bytes; });
}

int Job::copies() const {
  return job_template.find_integer("copies").value_or(1);
}

}  // namespace ipm::print
