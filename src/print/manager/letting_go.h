#pragma once
// Jobs that devices have just now, when their destination goes or the device's address changes.
// Internal to print.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "print/manager/state.h"

namespace ipm::print {

// While it lives, a destination takes no new jobs, and none of its jobs begins to be printed.
class Closing {
 public:
  // Throws Error{PrinterNotFound} where there is none, or where it is being removed already.
  Closing(std::shared_ptr<ManagerState> state, std::string destination);
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  ~Closing();

 private:
  std::shared_ptr<ManagerState> state_;
  std::string name_;
};

// While it lives, a device takes no job; afterwards it looks for one.
class Barring {
 public:
  Barring(std::shared_ptr<ManagerState> state, std::string device);
  Barring(const Barring&) = delete;
  Barring& operator=(const Barring&) = delete;
  ~Barring();

 private:
  std::shared_ptr<ManagerState> state_;
  std::string device_;
};

struct InHand {
  std::string device;
  int job = 0;
  std::shared_ptr<Deliverer> deliverer;
};

// What these devices have in hand, from the taking of a job until its outcome is durable. With the
// lock held.
std::vector<InHand> in_hand(const ManagerState& state, const std::vector<std::string>& devices);

// Returns when `find`, called with the lock held, finds nothing any more. With `leave` the devices
// go on with what they have and our part in it ends; otherwise jobs end by themselves. Throws
// Error{PrinterHasJobs} after kRemovalWait.
boost::asio::awaitable<void> let_go(std::shared_ptr<ManagerState> state,
                                    std::function<std::vector<InHand>(const ManagerState&)> find,
                                    bool leave);

}  // namespace ipm::print
