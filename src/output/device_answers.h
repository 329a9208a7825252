#pragma once
// One table of what a device's answers mean: whose matter it is (the device's: nobody's job can be
// printed; or this job's: the next one can), whether it is worth another try, and how to mend it. A
// row for every status of IPP and of HTTP that has a meaning of its own, and for each kind of
// silence.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/uri.h"
#include "ippclient/answer.h"
#include "output/driver.h"

namespace ipm::output {

enum class Mend : std::uint8_t {
  None,
  UseTls,       // ipps:// instead of ipp://
  Address,      // the path or the host is not the printer's
  Credentials,  // it wants a user name and a password
};

struct DeviceAnswer {
  // To a job or its document. JobFailed is tried again after others, so often as the destination's
  // policy has it; DeviceAway for as long as it takes, in growing pauses.
  Outcome outcome = Outcome::JobFailed;
  // To the question for a job that the device has accepted: after so many in a row the watch ends
  // ("taken, and not told what became of it"); 0: the device is waited for, and asked again.
  int looks = 1;
  Mend mend = Mend::None;
  std::string_view printer_reason = {};  // for printer-state-reasons
  std::string_view job_reason = {};      // for job-state-reasons
};

DeviceAnswer meaning_of(ipp::Status status);
DeviceAnswer meaning_of_http(int status);
DeviceAnswer meaning_of(ippclient::Silence silence);
// Of an answer that is no success.
DeviceAnswer meaning_of(const ippclient::Answer& answer);

// "printer.example.com answers client-error-forbidden: not today"; with the mend, for people.
std::string words_of(const ippclient::Answer& answer, const Uri& device);

// The result of a job that was answered so.
Result result_of(const ippclient::Answer& answer, const Uri& device);

}  // namespace ipm::output
