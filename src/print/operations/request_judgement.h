#pragma once
// What a request's operation attributes say, measured by what the operation takes (RFC 8011,
// 4.1.7): unknown ones are told to the client, wrong ones are a bad request.

#include <string>
#include <string_view>

#include "ipp/message.h"
#include "print/operations/table.h"

namespace ipm::print {

// Control characters, line separators and marks that turn the reading direction, as blanks.
std::string without_controls(std::string_view text);

// Control characters in names and texts become blanks: one stops a printer, another steers a
// terminal (PWG 5100.14, 8.3). Done before anything reads the request.
void clean_texts(ipp::Message& request);

// Returns what the operation does not take, each with the out-of-band value "unsupported": the values
// may be secrets. Throws Error{IppMalformed} for an attribute that the operation takes, but not of
// this type or with so many values.
ipp::AttributeList judge_operation_attributes(const ipp::Group& operation, const OperationRow& row);

// The attributes that ask something of a job: those of the job group, and, as stock clients and
// their tests send some of them, those of the operation group (the job group wins).
ipp::AttributeList wishes_of(const ipp::Message& request);

}  // namespace ipm::print
