// Operations that bring jobs in: Print-Job, Validate-Job, Create-Job, Send-Document, Close-Job
// (RFC 8011, 4.2.1 to 4.3.1; PWG 5100.11).
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "base/text.h"
#include "ipp/document_format.h"
#include "print/limits.h"
#include "print/operations/document_intake.h"
#include "print/operations/job_template.h"
#include "print/operations/reply.h"
#include "print/operations/request_judgement.h"
#include "print/operations/table.h"
#include "print/operations/target.h"
#include "print/printer_description.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

using ipp::Status;
using ipp::Tag;

// What the operation attributes say of a document.
struct DocumentTerms {
  ipp::Compression compression = ipp::Compression::None;
  std::string format;  // empty: to be guessed
  std::string name;
};

// Either the terms or the reply that refuses them.
struct JudgedTerms {
  DocumentTerms terms;
  std::optional<std::string> refusal;
};

// `supported` is what the destination says of itself.
JudgedTerms judge_document(const Call& call, const ipp::AttributeList& supported) {
  JudgedTerms judged;
  ipp::AttributeList unsupported;
  if (const auto* attribute = call.operation.find("compression")) {
    const auto compression =
        ipp::find_compression(call.operation.find_text("compression").value_or(""));
    if (!compression) {
      unsupported.add(*attribute);
      judged.refusal =
          refuse(call,
                 Error(Message::AttributesUnsupported,
                       "the document's compression is not known here", "none, gzip or deflate"),
                 unsupported, Status::CompressionNotSupported);
      return judged;
    }
    judged.terms.compression = *compression;
  }
  if (const auto* attribute = call.operation.find("document-format")) {
    const auto known =
        find_format(supported, call.operation.find_text("document-format").value_or(""));
    if (!known) {
      unsupported.add(*attribute);
      judged.refusal = refuse(
          call,
          Error(Message::FormatUnsupported,
                fmt::format("the destination does not take {}",
                            printable(call.operation.find_text("document-format").value_or(""))),
                "a format in document-format-supported"),
          unsupported);
      return judged;
    }
    // Documents that nobody may touch are what every document is here.
    if (*known == kRawFormat) {
      judged.terms.format = kAnyFormat;
    } else if (*known != kAnyFormat) {
      judged.terms.format = *known;
    }
  }
  judged.terms.name = call.operation.find_text("document-name").value_or("");
  return judged;
}

// What the job attributes ask, judged; either accepted or the reply that refuses them.
struct JudgedJob {
  AcceptedTemplate accepted;
  ipp::AttributeList secrets;
  std::optional<std::string> refusal;
};

// The destination passes it on, and its device takes one so long and so encrypted.
bool takes_password(const ipp::Group& operation, const ipp::AttributeList& supported) {
  const auto* octets = operation.find("job-password")->values.front().octets();
  const auto length_max = supported.find_integer("job-password-supported").value_or(0);
  const auto encryption = operation.find_text("job-password-encryption").value_or("none");
  const auto known = supported.find_all_text("job-password-encryption-supported");
  return octets != nullptr && !octets->empty() && std::ssize(*octets) <= length_max &&
         std::ranges::find(known, encryption) != known.end();
}

JudgedJob judge_job(const Call& call, const Printer& printer) {
  JudgedJob judged;
  judged.accepted = judge_template(wishes_of(call.request), *printer.logical.supported);
  if (!judged.accepted.complaint.empty()) {
    malformed(judged.accepted.complaint, "attributes that go together");
  } else if (!judged.accepted.unsupported.attributes.empty() &&
             call.operation.find_boolean("ipp-attribute-fidelity").value_or(false)) {
    judged.refusal =
        refuse(call,
               Error(Message::AttributesUnsupported, "some attributes or values are not supported",
                     "supported ones only, as fidelity was asked for"),
               judged.accepted.unsupported);
  } else if (const auto* password = call.operation.find("job-password")) {
    if (takes_password(call.operation, *printer.logical.supported)) {
      judged.secrets.add(*password);
      if (const auto* encryption = call.operation.find("job-password-encryption"))
        judged.secrets.add(*encryption);
      return judged;
    }
    // A document that should wait for a number at the device must not come out at once, asked for
    // with fidelity or without. The value is a secret: it is never echoed.
    ipp::AttributeList unsupported;
    unsupported.add_out_of_band("job-password", Tag::Unsupported);
    judged.refusal =
        refuse(call,
               Error(Message::AttributesUnsupported,
                     "this destination cannot hold a job until a password is typed in",
                     "a job without job-password, or a device reached by ipps that takes one",
                     "print without the password, or to another destination"),
               unsupported);
  }
  return judged;
}

std::string name_of(const Call& call, const Job& job) {
  const ipp::Group* group = call.request.find_group(ipp::GroupTag::Job);
  for (const auto name : {call.operation.find_text("job-name"),
                          group == nullptr ? std::nullopt : group->find_text("job-name"),
                          call.operation.find_text("document-name")}) {
    if (name && !trim(*name).empty()) return std::string(*name);
  }
  return fmt::format("job {}", job.id);
}

Job make_job(Service& service, const Call& call, const Printer& printer, const JudgedJob& judged) {
  const AcceptedTemplate& accepted = judged.accepted;
  Job job = service.manager().draft(printer.logical.name);
  job.owner = call.caller.identity;
  job.certificate = call.caller.certificate;
  job.protocol = call.caller.protocol;
  job.address = call.caller.address;
  job.job_template = accepted.accepted;
  job.secrets = judged.secrets;
  job.priority = accepted.accepted.find_integer("job-priority").value_or(kPriorityDefault);
  job.hold_until = accepted.accepted.find_text("job-hold-until").value_or("no-hold");
  job.name = name_of(call, job);
  return job;
}

spool::NewDocument make_document(TakenDocument taken, const DocumentTerms& terms) {
  spool::NewDocument document;
  document.info.format =
      terms.format.empty() ? std::string(ipp::guess_format(taken.first_bytes)) : terms.format;
  document.info.name = terms.name;
  document.document = std::move(taken.document);
  return document;
}

std::string new_job_reply(const Call& call, const Job& job, const JudgedJob& judged) {
  auto reply = begin_reply(call, Status::Ok, "", judged.accepted.unsupported);
  write_new_job(reply, call, job);
  return reply.finish();
}

}  // namespace

asio::awaitable<std::string> print_job(Service& service, Call& call) {
  const Printer& printer = *call.printer;
  const JudgedTerms document = judge_document(call, *printer.logical.supported);
  if (document.refusal) co_return *document.refusal;
  const JudgedJob judged = judge_job(call, printer);
  if (judged.refusal) co_return *judged.refusal;
  Job job = make_job(service, call, printer, judged);
  TakenDocument taken = co_await take_document(service, call, document.terms.compression);
  if (taken.document.bytes() == 0) {
    malformed("the request carries no document", "a document behind the attributes");
  }
  std::vector<spool::NewDocument> documents;
  documents.push_back(make_document(std::move(taken), document.terms));
  const JobPtr kept = co_await service.manager().submit(std::move(job), std::move(documents));
  co_return new_job_reply(call, *kept, judged);
}

asio::awaitable<std::string> validate_job(Service& service, Call& call) {
  const Printer& printer = *call.printer;
  const JudgedTerms document = judge_document(call, *printer.logical.supported);
  if (document.refusal) co_return *document.refusal;
  const JudgedJob judged = judge_job(call, printer);
  if (judged.refusal) co_return *judged.refusal;
  if (!printer.logical.accepting) {
    throw Error(Message::NotAccepting, fmt::format("{} does not accept jobs", printer.logical.name),
                "a destination that accepts jobs");
  }
  co_return begin_reply(call, Status::Ok, "", judged.accepted.unsupported).finish();
}

asio::awaitable<std::string> create_job(Service& service, Call& call) {
  const Printer& printer = *call.printer;
  const JudgedJob judged = judge_job(call, printer);
  if (judged.refusal) co_return *judged.refusal;
  Job job = make_job(service, call, printer, judged);
  job.incoming = true;
  const JobPtr kept = co_await service.manager().submit(std::move(job), {});
  co_return new_job_reply(call, *kept, judged);
}

asio::awaitable<std::string> send_document(Service& service, Call& call) {
  const Job& job = *call.job;
  const auto last = call.operation.find_boolean("last-document");
  if (!last) malformed("last-document is missing", "last-document in the operation attributes");
  const auto printer = service.manager().find_printer(job.destination);
  static const ipp::AttributeList nothing;
  const JudgedTerms judged = judge_document(call, printer ? *printer->logical.supported : nothing);
  if (judged.refusal) co_return *judged.refusal;
  if (!job.incoming) {
    throw Error(Message::JobNotPossible, fmt::format("job {} takes no more documents", job.id),
                "a job made by Create-Job and not yet closed");
  }
  const Arrival arrival = service.manager().expect_document(job.id);
  const auto begins = [&service, id = job.id] { service.manager().require_room(id); };
  TakenDocument taken = co_await take_document(service, call, judged.terms.compression, begins);
  std::optional<spool::NewDocument> document;
  if (taken.document.bytes() > 0) {
    document = make_document(std::move(taken), judged.terms);
  } else if (!*last) {
    malformed("the request carries no document", "a document behind the attributes");
  }
  const JobPtr kept = co_await service.manager().add_document(job.id, std::move(document), *last);
  auto reply = begin_reply(call);
  write_new_job(reply, call, *kept);
  co_return reply.finish();
}

asio::awaitable<std::string> close_job(Service& service, Call& call) {
  const Job& job = *call.job;
  if (job.incoming) {
    const JobPtr closed = co_await service.manager().add_document(job.id, std::nullopt, true);
    static_cast<void>(closed);
  } else if (job.finished()) {
    throw Error(Message::JobNotPossible, fmt::format("job {} is finished", job.id),
                "a job that is not finished");
  }
  co_return begin_reply(call).finish();
}

}  // namespace ipm::print
