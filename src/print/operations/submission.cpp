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

JudgedTerms judge_document(const Call& call) {
  JudgedTerms judged;
  ipp::AttributeList unsupported;
  if (const auto* attribute = call.operation.find("compression")) {
    const auto compression =
        ipp::find_compression(call.operation.find_text("compression").value_or(""));
    if (!compression) {
      unsupported.add(*attribute);
      judged.refusal = begin_reply(call, Status::CompressionNotSupported,
                                   "use none, gzip or deflate", unsupported)
                           .finish();
      return judged;
    }
    judged.terms.compression = *compression;
  }
  if (const auto* attribute = call.operation.find("document-format")) {
    const std::string format(call.operation.find_text("document-format").value_or(""));
    const auto& formats = supported_formats();
    const std::string bare =
        to_lower_ascii(trim(std::string_view(format).substr(0, format.find(';'))));
    const auto known = std::find_if(formats.begin(), formats.end(), [&](const std::string& one) {
      return to_lower_ascii(one) == bare;
    });
    if (known == formats.end()) {
      unsupported.add(*attribute);
      judged.refusal = begin_reply(call, Status::DocumentFormatNotSupported,
                                   "see document-format-supported for what is taken", unsupported)
                           .finish();
      return judged;
    }
    if (*known != "application/octet-stream") judged.terms.format = *known;
  }
  judged.terms.name = call.operation.find_text("document-name").value_or("");
  return judged;
}

// What the job attributes ask, judged; either accepted or the reply that refuses them.
struct JudgedJob {
  AcceptedTemplate accepted;
  std::optional<std::string> refusal;
  Status status() const {
    return accepted.unsupported.attributes.empty() ? Status::Ok
                                                   : Status::OkIgnoredOrSubstitutedAttributes;
  }
};

JudgedJob judge_job(const Call& call, const Printer& printer) {
  JudgedJob judged;
  const ipp::Group* group = call.request.find_group(ipp::GroupTag::Job);
  static const ipp::AttributeList nothing;
  judged.accepted = judge_template(group == nullptr ? nothing : *group, *printer.logical.supported);
  if (!judged.accepted.complaint.empty()) {
    judged.refusal = begin_reply(call, Status::BadRequest, judged.accepted.complaint).finish();
  } else if (!judged.accepted.unsupported.attributes.empty() &&
             call.operation.find_boolean("ipp-attribute-fidelity").value_or(false)) {
    judged.refusal =
        begin_reply(call, Status::AttributesOrValuesNotSupported,
                    "these attributes or values are not supported, and fidelity was asked for",
                    judged.accepted.unsupported)
            .finish();
  }
  return judged;
}

Job make_job(Service& service, const Call& call, const Printer& printer,
             const AcceptedTemplate& accepted) {
  Job job = service.manager().draft(printer.logical.name);
  job.owner = call.caller.identity;
  job.certificate = call.caller.certificate;
  job.protocol = call.caller.protocol;
  job.address = call.caller.address;
  job.job_template = accepted.accepted;
  job.priority = accepted.accepted.find_integer("job-priority").value_or(kPriorityDefault);
  job.hold_until = accepted.accepted.find_text("job-hold-until").value_or("no-hold");
  if (const auto name = call.operation.find_text("job-name")) {
    job.name = *name;
  } else if (const auto document = call.operation.find_text("document-name")) {
    job.name = *document;
  }
  if (job.name.empty()) job.name = fmt::format("job {}", job.id);
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
  auto reply = begin_reply(call, judged.status(), "", judged.accepted.unsupported);
  write_new_job(reply, call, job);
  return reply.finish();
}

}  // namespace

asio::awaitable<std::string> print_job(Service& service, Call& call) {
  const Printer& printer = *call.printer;
  const JudgedTerms document = judge_document(call);
  if (document.refusal) co_return *document.refusal;
  const JudgedJob judged = judge_job(call, printer);
  if (judged.refusal) co_return *judged.refusal;
  Job job = make_job(service, call, printer, judged.accepted);
  TakenDocument taken = co_await take_document(service, call, document.terms.compression);
  if (taken.document.bytes() == 0) {
    co_return begin_reply(call, Status::BadRequest, "the request carries no document").finish();
  }
  std::vector<spool::NewDocument> documents;
  documents.push_back(make_document(std::move(taken), document.terms));
  const Job kept = co_await service.manager().submit(std::move(job), std::move(documents));
  co_return new_job_reply(call, kept, judged);
}

asio::awaitable<std::string> validate_job(Service& service, Call& call) {
  const Printer& printer = *call.printer;
  const JudgedTerms document = judge_document(call);
  if (document.refusal) co_return *document.refusal;
  const JudgedJob judged = judge_job(call, printer);
  if (judged.refusal) co_return *judged.refusal;
  if (!printer.logical.accepting) {
    throw Error(Message::NotAccepting, fmt::format("{} does not accept jobs", printer.logical.name),
                "a destination that accepts jobs");
  }
  co_return begin_reply(call, judged.status(), "", judged.accepted.unsupported).finish();
}

asio::awaitable<std::string> create_job(Service& service, Call& call) {
  const Printer& printer = *call.printer;
  const JudgedJob judged = judge_job(call, printer);
  if (judged.refusal) co_return *judged.refusal;
  Job job = make_job(service, call, printer, judged.accepted);
  job.incoming = true;
  const Job kept = co_await service.manager().submit(std::move(job), {});
  co_return new_job_reply(call, kept, judged);
}

asio::awaitable<std::string> send_document(Service& service, Call& call) {
  const Job& job = *call.job;
  const auto last = call.operation.find_boolean("last-document");
  if (!last) co_return begin_reply(call, Status::BadRequest, "last-document is missing").finish();
  const JudgedTerms judged = judge_document(call);
  if (judged.refusal) co_return *judged.refusal;
  if (!job.incoming) {
    throw Error(Message::JobNotPossible, fmt::format("job {} takes no more documents", job.id),
                "a job made by Create-Job and not yet closed");
  }
  TakenDocument taken = co_await take_document(service, call, judged.terms.compression);
  std::optional<spool::NewDocument> document;
  if (taken.document.bytes() > 0) {
    document = make_document(std::move(taken), judged.terms);
  } else if (!*last) {
    co_return begin_reply(call, Status::BadRequest, "the request carries no document").finish();
  }
  const Job kept = co_await service.manager().add_document(job.id, std::move(document), *last);
  auto reply = begin_reply(call);
  write_new_job(reply, call, kept);
  co_return reply.finish();
}

asio::awaitable<std::string> close_job(Service& service, Call& call) {
  const Job& job = *call.job;
  if (job.incoming) {
    const Job closed = co_await service.manager().add_document(job.id, std::nullopt, true);
    static_cast<void>(closed);
  } else if (job.finished()) {
    throw Error(Message::JobNotPossible, fmt::format("job {} is finished", job.id),
                "a job that is not finished");
  }
  co_return begin_reply(call).finish();
}

}  // namespace ipm::print
