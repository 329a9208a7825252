#pragma once
// Writing replies: their beginning, and printers and jobs as the requester asked to see them.

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/error.h"
#include "ipp/encoder.h"
#include "print/jobs/job.h"
#include "print/manager.h"
#include "print/service.h"

namespace ipm::print {

// requested-attributes of a request (RFC 8011, 4.2.5.1): names and the groups "all",
// "job-template", "job-description" or "printer-description". What was not asked for is absent from
// the reply.
class Requested {
 public:
  // Without the attribute, `otherwise` is what is wanted. The views live as long as the request.
  Requested(const ipp::Group& operation, std::initializer_list<std::string_view> otherwise);

  bool wants(std::string_view name, bool is_template) const;
  bool wants_all() const { return all_; }
  const std::set<std::string_view>& names() const { return names_; }
  bool groups() const { return template_ || description_; }

 private:
  bool all_ = false;
  bool template_ = false;
  bool description_ = false;
  std::set<std::string_view> names_;
};

ipp::Encoder begin_reply(const Call& call, ipp::Status status = ipp::Status::Ok,
                         std::string_view words = {}, std::size_t bytes = 1024);
// The same with more in the group of unsupported attributes. Where there are any, of these or of
// the operation's own, "ok" becomes "ok, but ignored or substituted" (RFC 8011, 4.1.7).
ipp::Encoder begin_reply(const Call& call, ipp::Status status, std::string_view words,
                         const ipp::AttributeList& unsupported, std::size_t bytes = 1024);

// A reply that refuses, in the error's words and with its status, unless `status` says another one.
// What goes wrong inside the server is told in general words to all but operators, for the error
// names its paths.
std::string refuse(const Call& call, const Error& error, const ipp::AttributeList& unsupported = {},
                   std::optional<ipp::Status> status = {});
[[noreturn]] void malformed(std::string happened, std::string expected);  // Error{IppMalformed}

// A whole printer group.
void write_printer(ipp::Encoder& reply, const Call& call, const Printer& printer,
                   const Requested& requested, const Manager& manager);
// A whole job group, as far as attribute_table.h lets the caller see it (B4).
void write_job(ipp::Encoder& reply, const Call& call, const Job& job, const Requested& requested,
               const Manager& manager);
// job-id, job-uri, job-state, …: what the operations that make a job answer.
void write_new_job(ipp::Encoder& reply, const Call& call, const Job& job);

}  // namespace ipm::print
