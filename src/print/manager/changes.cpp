#include "print/manager/changes.h"

#include <utility>

#include "print/jobs/job_record.h"
#include "print/topology/topology_record.h"

namespace ipm::print {

void Changes::add_new(Job job, std::vector<spool::NewDocument> documents) {
  records_.emplace_back(spool::Submission{to_record(job), std::move(documents)});
  jobs_.push_back(std::make_shared<const Job>(std::move(job)));
}

void Changes::add(Transition transition) {
  records_.emplace_back(to_update(transition.job, transition.attributes, transition.moved));
  jobs_.push_back(std::make_shared<const Job>(std::move(transition.job)));
}

void Changes::add(Transition transition, spool::NewDocument document) {
  document.info.number = static_cast<std::int64_t>(transition.job.documents.size());
  records_.emplace_back(spool::Addition{
      to_update(transition.job, transition.attributes, transition.moved), std::move(document)});
  jobs_.push_back(std::make_shared<const Job>(std::move(transition.job)));
}

void Changes::remove(int job) {
  records_.emplace_back(spool::JobRemoval{job});
  removed_.push_back(job);
}

void Changes::set(TopologyChange topology) {
  add_records(topology, records_);
  topology_ = std::move(topology);
}

}  // namespace ipm::print
