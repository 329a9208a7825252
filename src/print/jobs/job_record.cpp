#include "print/jobs/job_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "ipp/codec.h"
#include "ipp/encoder.h"
#include "ipp/message.h"

namespace ipm::print {
namespace {

using ipp::GroupTag;

// Ours stand in the operation group, the client's template in the job group. `renamed`: the name is
// not the one that the record was made with.
std::string encode_attributes(const Job& job, bool renamed) {
  constexpr std::size_t kUsualBytes = 512;
  ipp::Encoder encoder(ipp::Header{}, kUsualBytes);
  encoder.begin_group(GroupTag::Operation);
  encoder.add_keyword("owner-kind", access::kind_name(job.owner.kind));
  encoder.add_text("owner-issuer", job.owner.issuer);
  if (renamed) encoder.add_name("job-name", job.name);
  encoder.add_uri("uuid", job.uuid);
  encoder.add_text("certificate", job.certificate);
  encoder.add_text("protocol", job.protocol);
  encoder.add_text("address", job.address);
  encoder.add(job.secrets);
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

// Words of the spool's `reasons`, which it does not read itself.
constexpr std::array<std::string_view, 9> kCauses = {"none",    "failed",      "doubtful",
                                                     "by-user", "by-operator", "at-device",
                                                     "refused", "no-document", "damaged"};
constexpr std::string_view kAskFirst = "ask-first";
constexpr std::string_view kWhole = "whole";
constexpr std::string_view kPart = "part:";  // document and copy: "part:2.0"
constexpr std::string_view kHoldUntil = "hold:";
constexpr char kDetail = '+';

std::string write_reasons(const Job& job) {
  std::string words(kCauses.at(static_cast<std::size_t>(job.cause)));
  if (job.ask_first) words += fmt::format(",{}", kAskFirst);
  if (job.whole) words += fmt::format(",{}", kWhole);
  if (!job.part.is_all()) words += fmt::format(",{}{}.{}", kPart, job.part.document, job.part.copy);
  if (job.hold_until != "no-hold") words += fmt::format(",{}{}", kHoldUntil, job.hold_until);
  for (const auto& detail : job.details) {
    if (words.size() + detail.size() + 2 > spool::kTextBytesMax) break;
    words += fmt::format(",{}{}", kDetail, detail);
  }
  return words;
}

output::Part read_part(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return {};
  const auto number = [](std::string_view digits, int& value) {
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return read.ec == std::errc() && read.ptr == digits.data() + digits.size() && value >= 0;
  };
  output::Part part;
  const bool read =
      number(text.substr(0, dot), part.document) && number(text.substr(dot + 1), part.copy);
  return read ? part : output::Part{};
}

void read_reasons(std::string_view words, Job& job) {
  for (const auto word : split(words, ',')) {
    const auto cause = std::find(kCauses.begin(), kCauses.end(), word);
    if (cause != kCauses.end()) {
      job.cause = static_cast<Cause>(cause - kCauses.begin());
      job.hold_until = "no-hold";
    } else if (word == kAskFirst) {
      job.ask_first = true;
    } else if (word == kWhole) {
      job.whole = true;
    } else if (word.starts_with(kPart)) {
      job.part = read_part(word.substr(kPart.size()));
    } else if (word.starts_with(kHoldUntil)) {
      job.hold_until = word.substr(kHoldUntil.size());
    } else if (word.starts_with(kDetail)) {
      job.details.emplace_back(word.substr(1));
    } else if (word == "job-canceled-by-user") {  // As earlier versions wrote it, like the next.
      job.cause = Cause::CanceledByUser;
    } else if (word == "aborted-by-system") {
      job.cause = Cause::Refused;
    }
  }
}

spool::JobStatus status_of(const Job& job) {
  spool::JobStatus status;
  status.state = static_cast<spool::JobState>(job.state);
  status.reasons = write_reasons(job);
  status.message = cut_utf8(job.message, spool::kTextBytesMax);
  status.open = job.incoming;
  status.priority = job.priority;
  status.cancel_wanted = job.cancel_wanted;
  status.attempts = job.attempts;
  status.device = job.delivered_to;
  status.device_job = job.device_job;
  status.device_up = job.device_up;
  status.doubtful = job.doubtful;
  status.documents_done =
      job.state == ipp::JobState::Completed ? static_cast<int>(job.document_count()) : 0;
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
  record.attributes = encode_attributes(job, false);
  return record;
}

spool::JobUpdate to_update(const Job& job, bool attributes, bool moved) {
  spool::JobUpdate update;
  update.id = job.id;
  update.status = status_of(job);
  if (attributes) update.attributes = encode_attributes(job, true);
  if (moved) update.destination = job.destination;
  update.drop_documents = job.finished();
  return update;
}

namespace {

// All but the blob and the reasons.
Job columns_of(const spool::LoadedJob& loaded) {
  const spool::Job& record = loaded.job;
  Job job;
  job.id = static_cast<int>(record.id);
  job.destination = record.destination;
  job.owner.name = record.owner;
  job.name = record.name;
  job.created = record.created_at;
  job.state = static_cast<ipp::JobState>(record.status.state);
  job.message = record.status.message;
  job.incoming = record.status.open;
  job.priority = record.status.priority;
  job.cancel_wanted = record.status.cancel_wanted;
  job.attempts = record.status.attempts;
  job.delivered_to = record.status.device;
  job.device_job = record.status.device_job;
  job.device_up = record.status.device_up;
  job.doubtful = record.status.doubtful;
  job.impressions_completed = static_cast<int>(record.status.units_done);
  job.processing = record.status.processing_at;
  job.completed = record.status.finished_at;
  for (const auto& document : loaded.documents) {
    job.documents.push_back(
        {static_cast<int>(document.number), document.name, document.format, document.bytes});
  }
  // The spool counts all documents that there ever were; those of a finished job are gone.
  job.past_bytes = record.octets - std::min(record.octets, job.bytes());
  job.past_documents = static_cast<std::size_t>(std::max<std::int64_t>(
      record.documents - static_cast<std::int64_t>(job.documents.size()), 0));
  return job;
}

}  // namespace

Job salvage(const spool::LoadedJob& loaded) {
  Job job = columns_of(loaded);
  read_reasons(loaded.job.status.reasons, job);
  job.uuid = "urn:uuid:00000000-0000-0000-0000-000000000000";
  return job;
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
  Job job = columns_of(loaded);
  job.owner = owner_of(*own, record.owner);
  if (const auto until = own->find_text("hold-until"))
    job.hold_until = *until;  // Earlier versions.
  read_reasons(record.status.reasons, job);
  if (const auto name = own->find_text("job-name")) job.name = *name;
  if (job.delivered_to.empty())
    job.delivered_to = text_of(*own, "delivered-to");  // Earlier versions.
  job.uuid = text_of(*own, "uuid");
  job.certificate = text_of(*own, "certificate");
  job.protocol = text_of(*own, "protocol");
  job.address = text_of(*own, "address");
  job.job_template.attributes = given->attributes;
  for (const auto* name : {"job-password", "job-password-encryption"}) {
    if (const auto* secret = own->find(name)) job.secrets.add(*secret);
  }
  return job;
}

Job from_finished(const spool::LoadedJob& loaded) {
  try {
    return from_record(loaded);
  } catch (const Error&) {
    return salvage(loaded);
  }
}

}  // namespace ipm::print
