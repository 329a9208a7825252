// Requests of a delivery, and waiting while a living device takes its time. See ipp_delivery.h.
#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/text.h"
#include "http/limits.h"
#include "ipp/limits.h"
#include "os/timer.h"
#include "output/ipp/cleaned.h"
#include "output/ipp/ipp_delivery.h"
#include "output/pieces.h"

namespace ipm::output {
namespace asio = boost::asio;
using ipp::GroupTag;
using ipp::Operation;
using os::SteadyClock;
using std::chrono::milliseconds;

std::string IppDelivery::job_name() const {
  return plain_text(assignment_.job_name, ipp::kNameValueBytesMax);
}

std::string IppDelivery::user() const {
  return assignment_.owner;
}

void IppDelivery::tell(std::string text, std::vector<std::string> reasons) const {
  if (progress_.waiting) progress_.waiting(text, std::move(reasons));
}

ipp::Message IppDelivery::request(Operation operation) const {
  return device_.request(operation, assignment_.owner);
}

void IppDelivery::add_job_attributes(ipp::Message& message, const Unit& unit) const {
  for (const auto& attribute : assignment_.operation_attributes.attributes) {
    message.groups.front().add(cleaned(attribute));
  }
  ipp::Group job(GroupTag::Job);
  for (const auto& attribute : assignment_.job_template.attributes) {
    // Holding and priority are this server's own business, and done with.
    if (attribute.name == "job-hold-until" || attribute.name == "job-priority") continue;
    if (attribute.name == "copies" && unit.copies == 0) continue;
    job.add(cleaned(attribute));
  }
  if (unit.copies > 1 && !job.contains("copies")) job.add_integer("copies", unit.copies);
  if (!job.attributes.empty()) message.groups.push_back(std::move(job));
}

// What the device says that it leaves out. A PIN left out is a refusal; copies we make ourselves.
std::optional<Result> IppDelivery::check_unsupported(const ipp::Message& reply, const Unit& unit) {
  const auto* unsupported = reply.find_group(GroupTag::Unsupported);
  if (unsupported == nullptr) return std::nullopt;
  if (assignment_.operation_attributes.contains("job-password") &&
      (unsupported->contains("job-password") || unsupported->contains("job-password-encryption"))) {
    Result refused{Outcome::JobRefused,
                   fmt::format("the job has a PIN, and {} does not keep documents for one",
                               device_.uri().authority())};
    refused.job_reasons = {"job-password-wait"};
    return refused;
  }
  if (unit.copies > 1 && unsupported->contains("copies")) {
    // It makes one at a time: the others are jobs of their own, now and for what is behind.
    part_.copy = 1;
    able_.copies_max = 1;
    if (able_.known) device_.keep(able_);
  }
  return std::nullopt;
}

struct IppDelivery::Running {
  explicit Running(const asio::any_io_executor& executor) : changed(executor) {}
  ippclient::Answer answer;
  std::exception_ptr failure;
  bool done = false;
  bool asking = false;
  os::Timer changed;
  SteadyClock::time_point moved = SteadyClock::now();
  SteadyClock::time_point asked = SteadyClock::now();
};

// A living device is waited for, however long it takes: no limit on a write or on the answer. Whether
// it lives the system's own probes find out. Meanwhile it is told what is waited for, and when the
// answer is late the device is asked on a second connection.
asio::awaitable<ippclient::Answer> IppDelivery::send(ipp::Message message,
                                                     const Document& document) {
  auto& group = message.groups.front();
  group.add_mime_type("document-format",
                      document.format.empty() ? "application/octet-stream" : document.format);
  if (!document.name.empty()) {
    group.add_name("document-name", plain_text(document.name, ipp::kNameValueBytesMax));
  }
  const auto running = std::make_shared<Running>(executor_);
  read_all_ = false;
  const std::uint64_t before = sent_;
  auto make = [this, running, before, &document] {
    const auto pieces = std::make_shared<Pieces>(document, device_.environment().pool);
    sent_ = before;
    ippclient::Attachment attachment;
    attachment.bytes = document.bytes;
    attachment.producer = [this, running,
                           pieces]() -> asio::awaitable<std::span<const unsigned char>> {
      // Asked for more: the piece before has gone.
      running->moved = SteadyClock::now();
      const auto piece = co_await pieces->next();
      if (piece.empty()) {
        read_all_ = true;
      } else {
        touched_ = true;
        sent_ += piece.size();
        if (progress_.sent) progress_.sent(sent_);
      }
      co_return piece;
    };
    return attachment;
  };
  caller_->wait_at_most(http::kNoWaitLimit);
  auto work = [this, running, make,
               message = std::move(message)]() mutable -> asio::awaitable<void> {
    running->answer = co_await caller_->ask(std::move(message), make);
  };
  asio::co_spawn(executor_, std::move(work), [running](std::exception_ptr failure) {
    running->failure = std::move(failure);
    running->done = true;
    running->changed.cancel();
  });
  // The work uses what is ours: nothing leaves here before it has ended.
  std::exception_ptr failure;
  try {
    co_await wait_for(*running);
  } catch (...) {
    failure = std::current_exception();
  }
  while (!running->done) {
    caller_->abort();
    running->changed.expires_after(device_.patience().look);
    co_await running->changed.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  caller_->wait_at_most(device_.patience().answer);
  if (failure) std::rethrow_exception(failure);
  if (running->failure) std::rethrow_exception(running->failure);
  co_return std::move(running->answer);
}

asio::awaitable<void> IppDelivery::wait_for(Running& running) {
  const auto& patience = device_.patience();
  bool told = false;
  while (!running.done) {
    running.changed.expires_after(patience.look);
    co_await running.changed.async_wait(asio::as_tuple(asio::use_awaitable));
    if (running.done) break;
    if (cancellation_.requested()) {
      caller_->abort();  // also where the wish came during a question beside
      continue;
    }
    const auto now = SteadyClock::now();
    const auto standing = std::chrono::duration_cast<milliseconds>(now - running.moved);
    if (standing < patience.quiet) {
      if (std::exchange(told, false))
        tell(fmt::format("{} goes on", device_.uri().authority()), {});
      continue;
    }
    told = true;
    tell(read_all_
             ? fmt::format("{} has the whole document and has not answered for {} s",
                           device_.uri().authority(), standing.count() / 1000)
             : fmt::format("{} has taken nothing for {} s ({} bytes so far): is there paper in it?",
                           device_.uri().authority(), standing.count() / 1000, sent_),
         {"other-warning"});
    if (read_all_ && now - running.asked >= patience.beside && standing >= patience.beside) {
      co_await ask_beside(running);
    }
  }
}

// The answer is late: what does the device say of the job? Only an end of it settles anything.
asio::awaitable<void> IppDelivery::ask_beside(Running& running) {
  // The first connection comes back, however this ends.
  struct Beside {
    explicit Beside(std::unique_ptr<ippclient::Caller>& caller)
        : caller(caller), first(std::move(caller)) {}
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;
    ~Beside() { caller = std::move(first); }

    std::unique_ptr<ippclient::Caller>& caller;
    std::unique_ptr<ippclient::Caller> first;
  };
  std::optional<Result> settled;
  running.asked = SteadyClock::now();
  try {
    const Beside beside(caller_);
    caller_ = co_await device_.make_caller();
    caller_->wait_at_most(device_.patience().goodbye);
    if (job_ == 0) {
      const auto found = co_await search(true);
      // Also where the answer, or its loss, came meanwhile: what is followed is durable.
      if (found == Search::One) {
        if (auto lost = co_await note(job_)) job_ = 0;
      }
    }
    if (job_ != 0 && !running.done) {
      const auto answer = co_await look();
      const auto* group = answer.successful() ? answer.reply->find_group(GroupTag::Job) : nullptr;
      if (group != nullptr) {
        const auto view = view_of(*group);
        if (ipp::is_terminal(view.state)) settled = co_await judge(view);
      }
    }
  } catch (const Error&) {
    // Asked again later.
  }
  running.asked = SteadyClock::now();
  if (settled && !running.done) {
    whole_ = true;
    beside_ = std::move(settled);
    caller_->abort();
  }
}

}  // namespace ipm::output
