#pragma once
// file:///DIR/: one file a document, complete and synced before its name appears.

#include <filesystem>
#include <memory>

#include "output/driver.h"

namespace ipm::output {

// Throws Error{DeviceUriUnsupported} when the folder is not there or not writable.
std::unique_ptr<Driver> make_file_driver(const Uri& device, const DeviceSettings& settings,
                                         const Environment& environment);

// "job-12-1-report.pdf": the job's and the document's number, what is harmless of its name, and the
// ending of its format. Never leaves the folder, whatever the document is called.
std::string file_name_of(const Assignment& assignment, const Document& document, int copy);

}  // namespace ipm::output
