#pragma once
// The one place between a request and its handler: finds what the operation acts on and judges
// whether the caller may do that.

#include "print/operations/table.h"
#include "print/service.h"

namespace ipm::print {

// Fills in call.printer, call.printer_name, call.job and call.whose as row.subject says. Throws
// Error{NotAllowed}, and what target.h throws where nothing is named or there is no such thing.
boost::asio::awaitable<void> admit(Service& service, Call& call, const OperationRow& row);

}  // namespace ipm::print
