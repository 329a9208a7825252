#pragma once
// What must hold, whatever happens: a document reaches its printer once, or its job says what became
// of it.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "events/stream.h"
#include "papers.h"
#include "print/manager.h"
#include "print/manager/state.h"
#include "trace.h"

namespace ipm::simulation {

class Checks {
 public:
  Checks(Papers& papers, Trace& trace) : papers_(papers), trace_(trace) {}

  // A life begins: what was acknowledged is there, what was refused is not.
  void begin(print::Manager& manager);
  // Reads what happened since.
  void follow(print::Manager& manager);
  // Nobody has anything to do: then no device has anything to do either.
  void idle(print::Manager& manager);
  // All troubles are over and everything was waited for.
  using Find = std::function<print::JobPtr(int)>;
  void end(const Find& find);

  const std::map<int, print::JobPtr>& jobs() const { return jobs_; }
  // Jobs that devices have, or are about to get.
  std::vector<int> under_way() const;
  bool quiet() const;    // no unfinished job that could go on by itself
  bool leaving = false;  // the server stops
  // An engine that is in doubt lets a job wait that was chosen before others came.
  bool order_is_known = true;

 private:
  void note(const events::Event& event);
  void job_changed(const print::JobPtr& before, const print::JobPtr& after);
  void device_changed(const print::DeviceSubject& after);
  void taken(const print::Job& job, const std::string& device);
  bool ready(const print::Job& job) const;  // certainly to be printed next, if it is its turn
  void compare(const print::Job& job, const Paper& paper);

  Papers& papers_;
  Trace& trace_;
  std::uint64_t read_ = 0;
  std::map<int, print::JobPtr> jobs_;
  std::map<int, std::uint64_t> changed_;  // in which moment, by job
  std::uint64_t idle_moments_ = 1;
  std::map<std::string, print::DeviceState> devices_;
};

}  // namespace ipm::simulation
