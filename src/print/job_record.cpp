#include "print/job_record.h"

#include <fmt/format.h>

#include "base/text.h"
#include "ipp/codec.h"
#include "ipp/encoder.h"
#include "ipp/message.h"

namespace ipm::print {
namespace {

using ipp::GroupTag;

// Ours stand in the operation group, the client's template in the job group.
std::string encode_attributes(const Job& job) {
  constexpr std::size_t kUsualBytes = 512;
  ipp::Encoder encoder(ipp::Header{}, kUsualBytes);
  encoder.begin_group(GroupTag::Operation);
  encoder.add_keyword("owner-kind", access::kind_name(job.owner.kind));
  encoder.add_text("owner-issuer", job.owner.issuer);
  encoder.add_keyword("hold-until", job.hold_until);
  encoder.add_text("delivered-to", job.delivered_to);
  encoder.add_uri("uuid", job.uuid);
  encoder.add_text("certificate", job.certificate);
  encoder.add_text("protocol", job.protocol);
  encoder.add_text("address", job.address);
  encoder.begin_group(GroupTag::Job);
  encoder.add(job.job_template);
  return encoder.finish();
}

std::string text_of(const ipp::AttributeList& list, std::string_view name) {
  return std::string(list.find_text(name).value_or(""));
}

// Earlier records say only whether the name was proven. Which CA had signed a certificate they do
// not say, so only operators change such a job.
access::Owner owner_of(const ipp::AttributeList& own, const std::string& name) {
  access::Owner owner{access::OwnerKind::Claimed, text_of(own, "owner-issuer"), name};
  if (const auto kind = own.find_text("owner-kind")) {
    owner.kind = access::find_kind(*kind).value_or(access::OwnerKind::Claimed);
  } else if (own.find_boolean("owner-proven").value_or(false)) {
    owner.kind = text_of(own, "certificate").empty() ? access::OwnerKind::Local
                                                     : access::OwnerKind::Certificate;
  }
  return owner;
}

std::string join(const std::vector<std::string>& reasons) {
  return fmt::format("{}", fmt::join(reasons, ","));
}

std::vector<std::string> unjoin(std::string_view reasons) {
  std::vector<std::string> all;
  for (const auto reason : split(reasons, ',')) {
    if (!reason.empty()) all.emplace_back(reason);
  }
  return all;
}

spool::JobStatus status_of(const Job& job) {
  spool::JobStatus status;
  status.state = static_cast<spool::JobState>(job.state);
  status.reasons = join(job.reasons);
  status.message = job.message.substr(0, spool::kTextBytesMax);
  status.open = job.incoming;
  status.priority = job.priority;
  status.attempts = job.attempts;
  status.documents_done =
      job.state == ipp::JobState::Completed ? static_cast<int>(job.documents.size()) : 0;
  status.units_done = job.impressions_completed;
  status.processing_at = job.processing;
  status.finished_at = job.completed;
  return status;
}

}  // namespace

spool::Job to_record(const Job& job) {
  spool::Job record;
  record.id = job.id;
  record.destination = job.destination;
  record.owner = job.owner.name;
  record.name = job.name;
  record.created_at = job.created;
  record.status = status_of(job);
  record.attributes = encode_attributes(job);
  return record;
}

spool::JobUpdate to_update(const Job& job) {
  spool::JobUpdate update;
  update.id = job.id;
  update.status = status_of(job);
  update.attributes = encode_attributes(job);
  update.drop_documents = job.finished();
  return update;
}

Job from_record(const spool::LoadedJob& loaded) {
  const spool::Job& record = loaded.job;
  const auto message = ipp::decode(record.attributes).message;
  const auto* own = message.find_group(GroupTag::Operation);
  const auto* given = message.find_group(GroupTag::Job);
  if (own == nullptr || given == nullptr) {
    throw Error(Message::IppMalformed,
                fmt::format("job {}'s stored attributes lack a group", record.id),
                "attributes as this program stores them");
  }
  Job job;
  job.id = static_cast<int>(record.id);
  job.destination = record.destination;
  job.name = record.name;
  job.created = record.created_at;
  job.state = static_cast<ipp::JobState>(record.status.state);
  job.reasons = unjoin(record.status.reasons);
  job.message = record.status.message;
  job.incoming = record.status.open;
  job.priority = record.status.priority;
  job.attempts = record.status.attempts;
  job.impressions_completed = static_cast<int>(record.status.units_done);
  job.processing = record.status.processing_at;
  job.completed = record.status.finished_at;
  job.owner = owner_of(*own, record.owner);
  job.hold_until = text_of(*own, "hold-until");
  job.delivered_to = text_of(*own, "delivered-to");
  job.uuid = text_of(*own, "uuid");
  job.certificate = text_of(*own, "certificate");
  job.protocol = text_of(*own, "protocol");
  job.address = text_of(*own, "address");
  job.job_template.attributes = given->attributes;
  for (const auto& document : loaded.documents) {
    job.documents.push_back(
        {static_cast<int>(document.number), document.name, document.format, document.bytes});
  }
  return job;
}

spool::Destination to_record(const LogicalDestination& destination) {
  ipp::Message message;
  auto& own = message.add_group(GroupTag::Printer);
  own.add_text("printer-info", destination.info);
  own.add_text("printer-location", destination.location);
  own.add_uri("printer-uuid", destination.uuid);
  spool::Destination record;
  record.kind = spool::DestinationKind::Logical;
  record.name = destination.name;
  record.feeds = {destination.queue};
  record.accepting = destination.accepting;
  record.created_at = destination.state_changed;
  record.attributes = ipp::encode(message);
  return record;
}

spool::Destination to_record(const ActualDestination& destination) {
  spool::Destination record;
  record.kind = spool::DestinationKind::Actual;
  record.name = destination.name;
  record.device_uri = destination.device_uri;
  record.paused = destination.paused;
  return record;
}

spool::Destination queue_record(const std::string& name, const std::vector<std::string>& actual) {
  spool::Destination record;
  record.kind = spool::DestinationKind::Queue;
  record.name = name;
  record.feeds = actual;
  return record;
}

LogicalDestination logical_from_record(const spool::Destination& record) {
  const auto message = ipp::decode(record.attributes).message;
  const auto* own = message.find_group(GroupTag::Printer);
  LogicalDestination destination;
  destination.name = record.name;
  destination.queue = record.feeds.empty() ? record.name : record.feeds.front();
  destination.accepting = record.accepting;
  destination.state_changed = record.created_at;
  if (own != nullptr) {
    destination.info = text_of(*own, "printer-info");
    destination.location = text_of(*own, "printer-location");
    destination.uuid = text_of(*own, "printer-uuid");
  }
  return destination;
}

}  // namespace ipm::print
