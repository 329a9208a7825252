#pragma once
// What one request changes, as a value: the records for the spool and what takes effect in memory
// once they are durable. Internal to print.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ipp/encoder.h"
#include "print/jobs/job.h"
#include "print/jobs/job_machine.h"
#include "print/topology/topology.h"
#include "spool/change.h"

namespace ipm::print {

// See LogicalDestination.
struct PrinterFacts {
  std::shared_ptr<const ipp::EncodedAttributes> description;
  std::shared_ptr<const ipp::EncodedAttributes> on_request;
  std::shared_ptr<const ipp::AttributeList> supported;
  std::uint64_t read = 0;  // greater the later what they are made from was read
};

class Changes {
 public:
  void add_new(Job job, std::vector<spool::NewDocument> documents);
  void add(Transition transition);
  void add(Transition transition, spool::NewDocument document);
  // A finished job is forgotten.
  void remove(int job);
  // Once.
  void set(TopologyChange topology);

  bool empty() const { return records_.empty(); }
  const std::vector<JobPtr>& jobs() const { return jobs_; }
  const std::vector<int>& removed() const { return removed_; }
  const TopologyChange& topology() const { return topology_; }
  std::vector<spool::Change> take_records() { return std::move(records_); }

  std::map<std::string, PrinterFacts> facts;  // of logical destinations in the topology's change

 private:
  std::vector<spool::Change> records_;
  std::vector<JobPtr> jobs_;  // as they are afterwards
  std::vector<int> removed_;
  TopologyChange topology_;
};

}  // namespace ipm::print
