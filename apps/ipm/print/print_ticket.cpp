#include "ipm/print/print_ticket.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "ipp/attribute_types.h"
#include "ipp/limits.h"
#include "ipp/options.h"

namespace ipm::app {
namespace {

// Filled in by the command from its own arguments, or meant for other operations.
constexpr std::array<std::string_view, 14> kReserved = {"attributes-charset",
                                                        "attributes-natural-language",
                                                        "compression",
                                                        "document-uri",
                                                        "job-id",
                                                        "job-ids",
                                                        "job-uri",
                                                        "last-document",
                                                        "limit",
                                                        "my-jobs",
                                                        "printer-uri",
                                                        "requested-attributes",
                                                        "requesting-user-name",
                                                        "which-jobs"};

void set(ipp::AttributeList& list, ipp::Attribute attribute) {
  while (list.remove(attribute.name)) {
  }
  list.add(std::move(attribute));
}

void set_integer(ipp::AttributeList& list, std::string_view name, int value) {
  set(list, {std::string(name), {ipp::Value::integer(value)}});
}

ipp::AttributeList& list_of(Ticket& ticket, const std::string& name) {
  if (ipp::group_of_option(name) == ipp::GroupTag::Job) return ticket.job;
  return name.starts_with("document-") ? ticket.document : ticket.job_operation;
}

void check_allowed(const std::string& name) {
  if (std::find(kReserved.begin(), kReserved.end(), name) == kReserved.end()) return;
  throw Error(Message::UsageWrong, fmt::format("-o {} is not an option of a job", name),
              "attributes of a job or of its document: copies, sides, media, print-quality, …",
              name == "compression" ? "use --compress gzip" : "leave it out; ipm print --help");
}

// A name that every server takes (RFC 8011, 5.1.3; PWG 5100.14, 8.3).
void check_title(const std::string& title) {
  const auto refuse = [](std::string happened, std::string mend) {
    throw Error(
        Message::UsageWrong, std::move(happened),
        fmt::format("--name with 1 to {} bytes of UTF-8 text on one line", ipp::kNameValueBytesMax),
        std::move(mend));
  };
  if (title.empty()) refuse("--name is empty", "leave it out: the job is called as its file");
  if (!is_utf8(title)) {
    refuse(fmt::format("--name is no UTF-8 text: {}", printable(title, 100)),
           "use a terminal in UTF-8, or letters of ASCII");
  }
  if (title.size() > ipp::kNameValueBytesMax) {
    refuse(fmt::format("--name has {} bytes", title.size()), "make it shorter");
  }
  const bool controls = std::any_of(title.begin(), title.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (controls) {
    refuse(fmt::format("--name has control characters: {}", printable(title, 100)),
           "leave them out");
  }
}

}  // namespace

Ticket make_ticket(const PrintWishes& wishes) {
  Ticket ticket;
  for (const std::string& options : wishes.options) {
    for (auto& attribute : ipp::parse_options(options).attributes) {
      check_allowed(attribute.name);
      ipp::AttributeList& list = list_of(ticket, attribute.name);
      set(list, std::move(attribute));
    }
  }
  if (wishes.copies) set_integer(ticket.job, "copies", *wishes.copies);
  if (wishes.priority) set_integer(ticket.job, "job-priority", *wishes.priority);
  if (wishes.hold) {
    set(ticket.job, {"job-hold-until", {ipp::Value::string(ipp::Tag::Keyword, "indefinite")}});
  }
  if (wishes.title) {
    check_title(*wishes.title);
    set(ticket.job_operation, {"job-name", {ipp::Value::string(ipp::Tag::Name, *wishes.title)}});
  }
  return ticket;
}

void Ticket::add_job(ipp::Message& request) const {
  for (const auto& attribute : job_operation.attributes) request.groups.front().add(attribute);
  if (!job.attributes.empty()) {
    request.add_group(ipp::GroupTag::Job).attributes = job.attributes;
  }
}

void Ticket::add_document(ipp::Message& request) const {
  for (const auto& attribute : document.attributes) request.groups.front().add(attribute);
}

}  // namespace ipm::app
