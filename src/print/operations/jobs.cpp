// Operations on jobs that are there: cancelling, holding, releasing, changing, listing (RFC
// 8011, 4.3; PWG 5100.11). Only the owner or an operator may change a job (B4).
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"
#include "output/blocking.h"
#include "print/limits.h"
#include "print/manager/job_walk.h"
#include "print/operations/attribute_table.h"
#include "print/operations/job_template.h"
#include "print/operations/reply.h"
#include "print/operations/table.h"
#include "print/operations/target.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

using ipp::JobState;
using ipp::Status;

std::string canceled_by(const Call& call) {
  std::string by = fmt::format("canceled by {}", printable(call.caller.name()));
  if (const auto message = call.operation.find_text("message"))
    by += fmt::format(": {}", printable(*message));
  return by;
}

asio::awaitable<std::string> change_hold(Service& service, Call& call, std::string until) {
  const JobPtr changed =
      co_await service.manager().change(call.job->id, job_event::Hold{std::move(until)});
  static_cast<void>(changed);
  co_return begin_reply(call).finish();
}

JobQuery query_of(const Call& call) {
  JobQuery query;
  if (call.printer) query.destination = call.printer->logical.name;
  query.owner = call.whose.owner;
  query.owner_name = call.whose.name;
  query.ids = call.operation.find_all_integers("job-ids");
  if (query.ids.size() > kJobIdsMax) {
    throw Error(Message::IppTooLarge, fmt::format("job-ids names {} jobs", query.ids.size()),
                fmt::format("at most {} of them in one request", kJobIdsMax));
  }
  return query;
}

// Where it may take long, on the pool: everybody else's requests wait for their thread.
asio::awaitable<std::vector<JobPtr>> next_page(Service& service, JobWalk& walk) {
  auto read = [&walk] { return walk.next(kJobsVisitedAtOnce); };
  if (!walk.may_take_long()) co_return read();
  co_return co_await output::run_blocking(service.manager().pool(), std::move(read));
}

// A list of jobs as it is written, in pieces that memory need not hold together.
struct Listing {
  JobWalk walk;
  Requested requested;
  ipp::Encoder reply;
  std::string destination;
  std::int32_t lowest;  // job-id that is told
  std::int32_t first;   // place in the list, from 1
  std::int32_t limit;
  std::int32_t index = 0;
  bool over = false;
};

// Goes on until there is enough for a piece; true when all are told.
asio::awaitable<bool> list_on(Service& service, const Call& call, Listing& listing) {
  while (listing.reply.size() < kReplyPieceBytes) {
    const auto page = co_await next_page(service, listing.walk);
    if (page.empty()) co_return true;
    for (const auto& job : page) {
      if (!listing.destination.empty() && job->destination != listing.destination) continue;
      if (job->id < listing.lowest || ++listing.index < listing.first) continue;
      write_job(listing.reply, call, *job, listing.requested, service.manager());
      if (listing.index - listing.first + 1 >= listing.limit) co_return true;
    }
  }
  co_return false;
}

}  // namespace

asio::awaitable<std::string> cancel_job(Service& service, Call& call) {
  co_await service.manager().cancel(
      call.job->id, canceled_by(call),
      call.caller.owns(call.job->owner) ? Cause::CanceledByUser : Cause::CanceledByOperator);
  co_return begin_reply(call).finish();
}

// RFC 8011, 4.2.9: of all jobs of a printer nothing is left, history included. What is just being
// printed is cancelled, and in the history when it has ended.
asio::awaitable<std::string> purge_jobs(Service& service, Call& call) {
  std::string reply = co_await cancel_jobs(service, call);
  const JobQuery query = query_of(call);
  if (!query.destination.empty() && !query.owner && !query.owner_name && query.ids.empty()) {
    co_await service.manager().forget_finished(query.destination);
  }
  co_return reply;
}

// Cancel-Jobs and Cancel-My-Jobs; jobs that finish meanwhile are no failure.
asio::awaitable<std::string> cancel_jobs(Service& service, Call& call) {
  const JobQuery query = query_of(call);
  std::vector<int> ids;
  std::vector<int> finished;
  JobWalk walk = service.manager().walk_jobs(query);
  for (bool more = true; more;) {
    const auto page = co_await next_page(service, walk);
    more = !page.empty();
    for (const auto& job : page) {
      if (!query.destination.empty() && job->destination != query.destination) continue;
      if (!job->finished()) {
        ids.push_back(job->id);
      } else if (!query.ids.empty()) {
        finished.push_back(job->id);
      }
    }
  }
  if (!query.ids.empty() && ids.size() != query.ids.size()) {
    // PWG 5100.11, 4.1.2: all of them or none.
    ipp::AttributeList refused;
    if (!finished.empty()) refused.add_integers("job-ids", ipp::Tag::Integer, finished);
    co_return refuse(
        call,
        Error(finished.empty() ? Message::JobNotFound : Message::JobNotPossible,
              "not all of these jobs can be canceled", "jobs of the caller that are not finished"),
        refused);
  }
  co_await service.manager().cancel(
      std::move(ids), canceled_by(call),
      call.whose.owner ? Cause::CanceledByUser : Cause::CanceledByOperator);
  co_return begin_reply(call).finish();
}

asio::awaitable<std::string> hold_job(Service& service, Call& call) {
  const std::string until(call.operation.find_text("job-hold-until").value_or("indefinite"));
  if (until != "indefinite" && until != "no-hold") {
    ipp::AttributeList unsupported;
    unsupported.add_keyword("job-hold-until", until);
    co_return refuse(call,
                     Error(Message::AttributesUnsupported,
                           fmt::format("a job cannot be held until '{}'", printable(until)),
                           "indefinite or no-hold"),
                     unsupported);
  }
  co_return co_await change_hold(service, call, until);
}

asio::awaitable<std::string> release_job(Service& service, Call& call) {
  co_return co_await change_hold(service, call, "no-hold");
}

asio::awaitable<std::string> set_job_attributes(Service& service, Call& call) {
  const Job& job = *call.job;
  const ipp::Group* group = call.request.find_group(ipp::GroupTag::Job);
  if (group == nullptr || group->attributes.empty()) {
    malformed("the request names no job attributes", "job attributes to set");
  }
  const auto printer = service.manager().find_printer(job.destination);
  static const ipp::AttributeList nothing;
  AcceptedTemplate accepted =
      judge_template(*group, printer ? *printer->logical.supported : nothing);
  if (!accepted.complaint.empty()) malformed(accepted.complaint, "attributes that go together");
  const auto* named = group->find("job-name");
  if (named != nullptr && !has_type(*named, *ipp::find_attribute_type("job-name")))
    accepted.unsupported.add(*named);
  if (!accepted.unsupported.attributes.empty()) {
    // RFC 3380, 4.2: all or nothing.
    co_return refuse(call,
                     Error(Message::AttributesUnsupported, "some of these cannot be set",
                           "attributes in job-settable-attributes-supported and their values"),
                     accepted.unsupported);
  }
  job_event::Edit edit;
  if (const auto name = group->find_text("job-name"); name && !name->empty()) edit.name = *name;
  edit.priority = accepted.accepted.find_integer("job-priority");
  if (const auto until = accepted.accepted.find_text("job-hold-until")) edit.hold_until = *until;
  edit.job_template = std::move(accepted.accepted);
  const JobPtr changed = co_await service.manager().change(job.id, std::move(edit));
  static_cast<void>(changed);
  co_return begin_reply(call).finish();
}

asio::awaitable<std::string> get_job_attributes(Service& service, Call& call) {
  const Requested requested(call.operation, {"all"});
  auto reply = begin_reply(call);
  write_job(reply, call, *call.job, requested, service.manager());
  co_return reply.finish();
}

asio::awaitable<std::string> get_jobs(Service& service, Call& call) {
  JobQuery query = query_of(call);
  const std::string_view which = call.operation.find_text("which-jobs").value_or("not-completed");
  if (which == "completed") {
    query.which = WhichJobs::Completed;
  } else if (which == "all") {
    query.which = WhichJobs::All;
  } else if (which != "not-completed") {
    ipp::AttributeList unsupported;
    unsupported.add_keyword("which-jobs", which);
    co_return refuse(call,
                     Error(Message::AttributesUnsupported,
                           fmt::format("there are no jobs of the kind '{}'", printable(which)),
                           "completed, not-completed or all"),
                     unsupported);
  }
  const std::int32_t limit =
      call.operation.find_integer("limit").value_or(static_cast<std::int32_t>(kJobsListedMax));
  const std::int32_t first = call.operation.find_integer("first-index").value_or(1);
  if (limit < 1 || first < 1) {
    malformed("limit or first-index is not 1 or more", "numbers from 1 on");
  }
  const std::int32_t lowest = call.operation.find_integer("first-job-id").value_or(1);
  // No more are looked at than are told.
  if (query.ids.empty() && lowest == 1)
    query.limit = static_cast<std::size_t>(first - 1) + static_cast<std::size_t>(limit);
  auto listing = std::make_shared<Listing>(Listing{service.manager().walk_jobs(query),
                                                   {call.operation, {"job-id", "job-uri"}},
                                                   begin_reply(call, Status::Ok, {}, 4096),
                                                   query.destination,
                                                   lowest,
                                                   first,
                                                   limit});
  const bool whole = co_await list_on(service, call, *listing);
  if (whole) co_return listing->reply.finish();
  call.more = [&service, listing](const Call& same) -> asio::awaitable<std::string> {
    if (listing->over) co_return std::string();
    listing->over = co_await list_on(service, same, *listing);
    co_return listing->over ? listing->reply.finish() : listing->reply.take();
  };
  co_return listing->reply.take();
}

}  // namespace ipm::print
