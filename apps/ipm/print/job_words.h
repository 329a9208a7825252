#pragma once
// Jobs in words, the same in every command.

#include <string>
#include <string_view>

#include "ipm/common/table.h"
#include "ipp/message.h"

namespace ipm::app {

// The job's state as a keyword, coloured: "completed". "unknown" where the server did not say.
Cell job_state_cell(const ipp::AttributeList& job);
ipp::JobState job_state_of(const ipp::AttributeList& job);

// What says more than the state: "job-hold-until-specified, delivered to file:///srv/print/".
std::string job_reasons(const ipp::AttributeList& job);

// Why a job that is not finished does not go on, and what is in doubt about it, in words: "held until
// it is released", "the printer is stopped"; empty where there is nothing to say.
std::string job_remarks(const ipp::AttributeList& job);
// Perhaps it is printed already, wholly or in part.
bool is_doubtful(const ipp::AttributeList& job);

// "pending", "processing (printing page 3)": one line.
std::string job_state_text(const ipp::AttributeList& job);

// Foreign text of an attribute, harmless to print; empty where there is none.
std::string text_of(const ipp::AttributeList& list, std::string_view name);
// "2029-05-21T10:33:41Z"; empty where there is none.
std::string time_of(const ipp::AttributeList& list, std::string_view name);

// job-id. Throws Error{IppMalformed} where the server's reply has none.
int job_id_of(const ipp::AttributeList& job);

}  // namespace ipm::app
