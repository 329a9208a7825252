#include "print/operations/reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/error_wire.h"
#include "base/text.h"
#include "base/uri.h"
#include "ipp/own_attributes.h"
#include "print/operations/attribute_table.h"
#include "print/operations/request_judgement.h"
#include "print/printer_description.h"

namespace ipm::print {
namespace {

using ipp::Encoder;
using ipp::Tag;

// RFC 8011, 5.1.2 and 4.1.6.2.
constexpr std::size_t kTextBytesMax = 1023;
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kStatusMessageBytesMax = 255;
constexpr std::size_t kRefusalBytes = 1024;  // reserved; a refusal may be longer

void write_reasons(Encoder& reply, std::string_view name, const std::vector<std::string>& reasons) {
  if (reasons.empty()) {
    reply.add_keyword(name, "none");
  } else {
    reply.add_keywords(name, reasons);
  }
}

// Seconds on the printer's own clock (RFC 8011, 5.4.29). It counts from 1970: stock clients show
// times as if every printer's did, and it goes on where an earlier run of the server ended.
std::int32_t up_time(TimePoint when) {
  const auto seconds = when.time_since_epoch().count();
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(seconds, 1, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

Requested::Requested(const ipp::Group& operation,
                     std::initializer_list<std::string_view> otherwise) {
  auto asked = operation.find_all_text("requested-attributes");
  if (asked.empty()) asked = otherwise;
  for (const auto name : asked) {
    if (name == "all") {
      all_ = true;
    } else if (name == "job-template") {
      template_ = true;
    } else if (name == "job-description" || name == "printer-description") {
      description_ = true;
    } else {
      names_.insert(name);
    }
  }
}

bool Requested::wants(std::string_view name, bool is_template) const {
  return all_ || (is_template ? template_ : description_) || names_.contains(name);
}

// What the request's operation attributes asked in vain is told with what was done, and with a
// refusal for such a reason.
static bool tells_unsupported(ipp::Status status) {
  return ipp::is_successful(status) || status == ipp::Status::AttributesOrValuesNotSupported;
}

Encoder begin_reply(const Call& call, ipp::Status status, std::string_view words,
                    std::size_t bytes) {
  static const ipp::AttributeList nothing;
  return begin_reply(call, status, words, nothing, bytes);
}

// The parts of an Error, for a client of ours (base/error_wire.h).
struct ErrorParts {
  std::string_view number, happened, expected, mend;
};

static Encoder begin_reply(const Call& call, ipp::Status status, std::string_view words,
                           const ipp::AttributeList& unsupported, std::size_t bytes,
                           const std::optional<ErrorParts>& error) {
  const bool more = tells_unsupported(status) && !call.unsupported.attributes.empty();
  const bool any = more || !unsupported.attributes.empty();
  if (any && status == ipp::Status::Ok) status = ipp::Status::OkIgnoredOrSubstitutedAttributes;
  Encoder reply(status, call.request.header, bytes);
  if (!words.empty()) reply.add_text("status-message", cut_utf8(words, kStatusMessageBytesMax));
  if (error) {
    reply.add_text(kErrorNumberAttribute, error->number);
    reply.add_text(kErrorHappenedAttribute, wire_text(error->happened));
    reply.add_text(kErrorExpectedAttribute, wire_text(error->expected));
    reply.add_text(kErrorMendAttribute, wire_text(error->mend));
  }
  if (any) {
    reply.begin_group(ipp::GroupTag::Unsupported);
    if (more) reply.add(call.unsupported);
    reply.add(unsupported);
  }
  return reply;
}

Encoder begin_reply(const Call& call, ipp::Status status, std::string_view words,
                    const ipp::AttributeList& unsupported, std::size_t bytes) {
  return begin_reply(call, status, words, unsupported, bytes, std::nullopt);
}

std::string refuse(const Call& call, const Error& error, const ipp::AttributeList& unsupported,
                   std::optional<ipp::Status> status) {
  const Reaction reaction = error.reaction();
  const bool inside = reaction == Reaction::Internal || reaction == Reaction::Unavailable ||
                      reaction == Reaction::Io;
  const MessageRow& told = row(error.message());
  const bool hidden = inside && !call.caller.may_operate();
  const ErrorParts parts{told.number, hidden ? told.meaning : std::string_view(error.happened()),
                         hidden ? std::string_view() : std::string_view(error.expected()),
                         hidden ? told.mend : std::string_view(error.mend())};
  const auto code = status.value_or(static_cast<ipp::Status>(statuses(reaction).ipp));
  return begin_reply(call, code, fmt::format("{}: {}; {}", told.number, parts.happened, parts.mend),
                     unsupported, kRefusalBytes, parts)
      .finish();
}

void malformed(std::string happened, std::string expected) {
  throw Error(Message::IppMalformed, std::move(happened), std::move(expected));
}

void write_printer(Encoder& reply, const Call& call, const Printer& printer,
                   const Requested& requested, const Manager& manager) {
  reply.begin_group(ipp::GroupTag::Printer);
  const ipp::EncodedAttributes& description = *printer.logical.description;
  if (requested.wants_all()) {
    reply.add_encoded(description.all());
  } else if (requested.groups()) {
    description.for_each([&](std::string_view name, std::string_view bytes) {
      if (requested.wants(name, is_job_template_attribute(name))) reply.add_encoded(bytes);
    });
  } else {
    for (const auto name : requested.names()) reply.add_encoded(description.find(name));
  }
  for (const auto name : requested.names())
    reply.add_encoded(printer.logical.on_request->find(name));

  const auto wants = [&](std::string_view name) {
    return requested.wants(name, false) && may_see(audience_of_printer(name), call.caller, nullptr);
  };
  const TimePoint now = manager.now();
  if (wants("device-uri")) reply.add_uri("device-uri", printer.device_uri);
  // One URI under one security and one authentication, this connection's: the three lists have the
  // same count (RFC 8011, 5.4.1 to 5.4.3).
  if (wants("printer-uri-supported"))
    reply.add_uri("printer-uri-supported", call.printer_uri(printer.logical.name));
  if (wants("uri-security-supported"))
    reply.add_keyword("uri-security-supported", call.encrypted ? "tls" : "none");
  if (wants("uri-authentication-supported")) {
    reply.add_keyword("uri-authentication-supported",
                      call.caller.certificate.empty() ? "requesting-user-name" : "certificate");
  }
  if (wants("printer-more-info")) {
    reply.add_uri("printer-more-info",
                  fmt::format("{}://{}/", call.encrypted ? "https" : "http", call.authority));
  }
  if (wants("printer-supply-info-uri")) {
    reply.add_uri("printer-supply-info-uri",
                  fmt::format("{}://{}/", call.encrypted ? "https" : "http", call.authority));
  }
  if (wants("printer-state"))
    reply.add_enum("printer-state", static_cast<std::int32_t>(printer.state));
  if (wants("printer-state-reasons"))
    write_reasons(reply, "printer-state-reasons", printer.reasons);
  if (wants("printer-state-message")) {
    reply.add_text("printer-state-message",
                   cut_utf8(readable(printer.message, call.caller), kTextBytesMax));
  }
  if (wants("printer-is-accepting-jobs"))
    reply.add_boolean("printer-is-accepting-jobs", printer.logical.accepting);
  if (wants("queued-job-count")) {
    reply.add_integer("queued-job-count", static_cast<std::int32_t>(printer.queued));
  }
  if (wants("printer-up-time")) reply.add_integer("printer-up-time", up_time(now));
  if (wants("printer-current-time")) reply.add_date_time("printer-current-time", now);
  const std::int32_t changed = up_time(printer.logical.state_changed);
  if (wants("printer-state-change-time")) reply.add_integer("printer-state-change-time", changed);
  if (wants("printer-config-change-time")) reply.add_integer("printer-config-change-time", changed);
  if (wants("printer-state-change-date-time")) {
    reply.add_date_time("printer-state-change-date-time", printer.logical.state_changed);
  }
}

void write_job(Encoder& reply, const Call& call, const Job& job, const Requested& requested,
               const Manager& manager) {
  reply.begin_group(ipp::GroupTag::Job);
  const auto sees = [&](std::string_view name) {
    return may_see(audience_of_job(name), call.caller, &job.owner);
  };
  const auto wants = [&](std::string_view name) {
    return requested.wants(name, false) && sees(name);
  };
  if (wants("job-id")) reply.add_integer("job-id", job.id);
  if (wants("job-uri")) reply.add_uri("job-uri", call.job_uri(job.id));
  if (wants("job-printer-uri")) reply.add_uri("job-printer-uri", call.printer_uri(job.destination));
  if (wants("job-uuid")) reply.add_uri("job-uuid", job.uuid);
  // Clients count on a name (RFC 8011, 5.3: REQUIRED).
  if (requested.wants("job-name", false))
    reply.add_name("job-name", sees("job-name") ? std::string_view(job.name) : "private");
  if (wants("job-originating-user-name")) {
    reply.add_name("job-originating-user-name",
                   cut_utf8(without_controls(job.owner.name), kNameBytesMax));
  }
  if (wants("job-state")) reply.add_enum("job-state", static_cast<std::int32_t>(job.state));
  if (wants("job-state-reasons"))
    write_reasons(reply, "job-state-reasons", manager.reasons_of(job));
  if (wants("job-state-message")) {
    reply.add_text("job-state-message",
                   cut_utf8(readable(manager.message_of(job), call.caller), kTextBytesMax));
  }
  if (wants("job-k-octets")) {
    reply.add_integer("job-k-octets", static_cast<std::int32_t>(std::min<std::uint64_t>(
                                          (job.bytes() + 1023) / 1024, 0x7FFFFFFF)));
  }
  if (wants("job-impressions")) reply.add_no_value("job-impressions");
  if (wants("job-impressions-completed")) {
    reply.add_integer("job-impressions-completed", job.impressions_completed);
  }
  if (wants("job-printer-up-time"))
    reply.add_integer("job-printer-up-time", up_time(manager.now()));
  const auto write_time = [&](std::string_view event, std::optional<TimePoint> when) {
    const std::string relative = fmt::format("time-at-{}", event);
    if (wants(relative)) {
      if (when)
        reply.add_integer(relative, up_time(*when));
      else
        reply.add_no_value(relative);
    }
    const std::string absolute = fmt::format("date-time-at-{}", event);
    if (wants(absolute)) {
      if (when)
        reply.add_date_time(absolute, *when);
      else
        reply.add_no_value(absolute);
    }
  };
  write_time("creation", job.created);
  write_time("processing", job.processing);
  write_time("completed", job.completed);
  if (wants("number-of-documents")) {
    reply.add_integer("number-of-documents", static_cast<std::int32_t>(job.document_count()));
  }
  if (!job.documents.empty()) {
    const DocumentInfo& document = job.documents.front();
    if (wants("document-name-supplied") && !document.name.empty()) {
      reply.add_name("document-name-supplied", document.name);
    }
    if (wants("document-format-supplied")) {
      reply.add_string("document-format-supplied", Tag::MimeMediaType, document.format);
    }
  }
  if (wants("imprimatur-owner-certificate") && !job.certificate.empty()) {
    reply.add_text("imprimatur-owner-certificate", job.certificate);
  }
  if (wants("imprimatur-tls-version") && !job.protocol.empty()) {
    reply.add_text("imprimatur-tls-version", job.protocol);
  }
  if (wants("imprimatur-delivered-to") && !job.delivered_to.empty()) {
    reply.add_name("imprimatur-delivered-to", job.delivered_to);
  }
  if (wants(ipp::own::kDeviceJob) && job.device_job != 0)
    reply.add_integer(ipp::own::kDeviceJob, job.device_job);
  if (wants(ipp::own::kAttempts)) reply.add_integer(ipp::own::kAttempts, job.attempts);
  if (wants(ipp::own::kDoubtful)) reply.add_boolean(ipp::own::kDoubtful, job.doubtful);
  const auto wants_template = [&](std::string_view name) {
    return requested.wants(name, true) && sees(name);
  };
  if (wants_template("job-priority")) reply.add_integer("job-priority", job.priority);
  if (wants_template("job-hold-until")) reply.add_keyword("job-hold-until", job.hold_until);
  for (const auto& attribute : job.job_template.attributes) {
    if (attribute.name == "job-priority" || attribute.name == "job-hold-until") continue;
    if (wants_template(attribute.name)) reply.add(attribute);
  }
}

void write_new_job(Encoder& reply, const Call& call, const Job& job) {
  reply.begin_group(ipp::GroupTag::Job);
  reply.add_integer("job-id", job.id);
  reply.add_uri("job-uri", call.job_uri(job.id));
  reply.add_enum("job-state", static_cast<std::int32_t>(job.state));
  write_reasons(reply, "job-state-reasons", reasons_of(job));
  reply.add_text("job-state-message", cut_utf8(readable(job.message, call.caller), kTextBytesMax));
  reply.add_uri("job-uuid", job.uuid);
}

}  // namespace ipm::print
