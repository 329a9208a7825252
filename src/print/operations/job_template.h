#pragma once
// What a client asks of a job, against what the destination supports (RFC 8011, 4.2.1.2 and 5.2).

#include "ipp/message.h"

namespace ipm::print {

struct AcceptedTemplate {
  ipp::AttributeList accepted;
  // What is not supported: the attribute with the offending values, or with the out-of-band value
  // "unsupported" where the attribute itself is not known (RFC 8011, 4.1.7).
  ipp::AttributeList unsupported;
  // Values of the wrong type or beyond any meaning: a bad request.
  std::string complaint;
};

// `description` is what describe_printer() made.
AcceptedTemplate judge_template(const ipp::AttributeList& requested,
                                const ipp::AttributeList& description);

}  // namespace ipm::print
