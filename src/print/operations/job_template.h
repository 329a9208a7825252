#pragma once
// What a client asks of a job, against what the destination supports (RFC 8011, 4.2.1.2 and 5.2).

#include <optional>
#include <string>
#include <string_view>

#include "ipp/message.h"

namespace ipm::print {

struct AcceptedTemplate {
  ipp::AttributeList accepted;
  // What is not supported: the attribute with the offending values, or with the out-of-band value
  // "unsupported" where the attribute itself is not known (RFC 8011, 4.1.7).
  ipp::AttributeList unsupported;
  // What contradicts itself: a bad request.
  std::string complaint;
};

// `description` is what describe_printer() made. Short names of media are replaced by what they stand
// for.
AcceptedTemplate judge_template(const ipp::AttributeList& requested,
                                const ipp::AttributeList& description);

// The document format of that name as document-format-supported writes it: case and parameters
// ("; charset=utf-8") do not matter. Absent when it is not there.
std::optional<std::string> find_format(const ipp::AttributeList& description,
                                       std::string_view format);

}  // namespace ipm::print
