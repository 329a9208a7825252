#pragma once
// The manager's side of deliveries: what deliverers take and bring back. Internal to print.

#include "print/delivery/desk.h"
#include "print/manager/state.h"

namespace ipm::print {

std::shared_ptr<DeliveryDesk> make_desk(std::shared_ptr<ManagerState> state);

}  // namespace ipm::print
